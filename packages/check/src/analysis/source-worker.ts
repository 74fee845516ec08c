/**
 * The thread that parses sources. It receives one message with file names, and answers with their facts.
 */
import { parentPort } from "node:worker_threads";

import { parseFile } from "./parse.ts";

parentPort?.on("message", (files: readonly string[]) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(files.map(parseFile));
});
