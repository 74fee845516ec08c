/**
 * The thread in which outlines are made. The other side waits for each answer without its event loop, so it is woken by a
 * number in shared memory.
 */
import { readFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";

import { makeOutline } from "./outline.ts";
import type { OutlineWorkerData } from "./outline-thread.ts";

const { answers, signal } = workerData as OutlineWorkerData;

parentPort?.on("message", (file: string) => {
  let outline;
  try {
    outline = makeOutline(file, readFileSync(file, "utf8").replace(/^\uFEFF/, ""));
  } catch {
    // The file is missing, or nested too deeply.
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  answers.postMessage({ file, outline });
  Atomics.add(signal, 0, 1);
  Atomics.notify(signal, 0);
});
