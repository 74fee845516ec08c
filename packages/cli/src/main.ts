/**
 * The entry point. `bin/offhook.js` runs it on a recent enough Node.
 */
import { isatty } from "node:tty";

import { run } from "./command-line.ts";
import { openStdout } from "./output.ts";

/** How long the last output may take to be written. It needs a limit: perhaps nobody reads it. */
const flushMs = 1_000;

const stdout = openStdout();
// The reader of our output may exit (`offhook start | head`), or the terminal may close. That must not end the server.
for (const stream of [stdout, process.stderr]) stream.on("error", () => undefined);

const context = {
  stdout,
  // Opened only by commands that use it. A pipe or a file on standard input is left alone.
  get stdin() {
    return isatty(0) ? process.stdin : undefined;
  },
  stderr: process.stderr,
  environment: process.env,
};

const exitCode = await run(process.argv.slice(2), context);

// A killed server may leave handles behind, so we exit and do not wait for the event loop to empty. The empty
// write makes sure that everything before it is out.
const exit = (): never => process.exit(exitCode);
setTimeout(exit, flushMs);
stdout.write("", exit);
