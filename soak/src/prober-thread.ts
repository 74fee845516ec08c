/**
 * Checks the server's health repeatedly, on a connection of its own. It runs in its own thread, so that it measures
 * pauses of the server and not of the load generator.
 */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { parentPort, workerData } from "node:worker_threads";

const { port, pid, everyMs, path } = workerData as { port: number; pid: number; everyMs: number; path: string };
const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;

export interface Probe {
  /** `Date.now()` when it was sent. */
  readonly at: number;
  /** Time until the answer, without the time in which the server or this thread waited for a processor. */
  readonly ms: number;
  /** The problem with the answer, if there is one. */
  readonly fault?: string;
}

let socket = open();
let sentAt = 0;
let sentAtMs = 0;
let waitedMs = 0;
let text = "";

function open() {
  const opened = connect({ port, host: "127.0.0.1", noDelay: true });
  opened.setEncoding("latin1");
  opened.on("data", (chunk: string) => {
    text += chunk;
    if (text.endsWith("}")) done(text.startsWith("HTTP/1.1 200") ? undefined : text.slice(0, 40));
  });
  opened.on("error", (error) => done(error.message));
  opened.on("close", () => {
    done("closed");
    socket = open();
  });
  return opened;
}

function done(fault: string | undefined): void {
  if (sentAt === 0) return;
  const ms = Math.max(0, performance.now() - sentAtMs - (waitedForProcessor() - waitedMs));
  const probe: Probe = { at: sentAt, ms, ...(fault !== undefined && { fault }) };
  sentAt = 0;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(probe);
}

setInterval(() => {
  // One probe at a time. If the server does not answer, no further probe is sent. The pending one measures the pause.
  if (sentAt !== 0) return;
  text = "";
  sentAt = Date.now();
  sentAtMs = performance.now();
  waitedMs = waitedForProcessor();
  socket.write(request);
}, everyMs);

/**
 * Milliseconds that the server's main thread and this one waited for a processor. Linux has them in the second field.
 */
function waitedForProcessor(): number {
  const files = [`/proc/${pid}/task/${pid}/schedstat`, "/proc/thread-self/schedstat"];
  return files.reduce((sum, file) => sum + runQueueMs(file), 0);
}

function runQueueMs(file: string): number {
  try {
    return Number(readFileSync(file, "latin1").split(" ")[1]) / 1_000_000;
  } catch {
    // The server has exited, or the system does not count this.
    return 0;
  }
}

/** Requested at the end: how long the pending probe has been waiting. */
parentPort?.on("message", () => {
  done(undefined);
  process.exit(0);
});
