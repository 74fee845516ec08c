/**
 * The program. `bin/offhook.js` runs it, on a Node that is new enough.
 */
import { run } from "./command.ts";

// Whoever reads our output may go away (`offhook start | head`): that must not end the server.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

const exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
});

// A server that was killed may leave handles behind, so this is an end and not a wait for one; the empty
// write makes sure that all before it is out.
process.stdout.write("", () => process.exit(exitCode));
