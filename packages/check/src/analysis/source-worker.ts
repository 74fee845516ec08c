/**
 * The thread in which sources are parsed: one message with the names of files comes, one with what is in them goes.
 */
import { parentPort } from "node:worker_threads";

import { parseFile } from "./parse.ts";

parentPort?.on("message", (files: readonly string[]) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(files.map(parseFile));
});
