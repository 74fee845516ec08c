/**
 * The program. `bin/offhook.js` runs it, on a Node that is new enough.
 */
import { isatty } from "node:tty";

import { run } from "./command-line.ts";
import { openStdout } from "./output.ts";

/** What is still to be written at the end may take so long: nobody may be reading. */
const flushMs = 1_000;

const stdout = openStdout();
// Whoever reads our output may go away (`offhook start | head`), a terminal may be closed: that must not end the server.
for (const stream of [stdout, process.stderr]) stream.on("error", () => undefined);

const context = {
  stdout,
  // Only who asks for it opens it, and a pipe or a file is nobody's.
  get stdin() {
    return isatty(0) ? process.stdin : undefined;
  },
  stderr: process.stderr,
  environment: process.env,
};

const exitCode = await run(process.argv.slice(2), context);

// A server that was killed may leave handles behind, so this is an end and not a wait for one; the empty
// write makes sure that all before it is out.
const exit = (): never => process.exit(exitCode);
setTimeout(exit, flushMs);
stdout.write("", exit);
