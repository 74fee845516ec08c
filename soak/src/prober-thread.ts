/**
 * Asks for the server's health again and again on a connection of its own, in a thread of its own, so that what is
 * measured is the server's pause and not the load generator's.
 */
import { connect } from "node:net";
import { parentPort, workerData } from "node:worker_threads";

const { port, everyMs, path } = workerData as { port: number; everyMs: number; path: string };
const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;

export interface Probe {
  /** `Date.now()` when it was sent. */
  readonly at: number;
  readonly ms: number;
  /** Nothing, or why there was no good answer. */
  readonly fault?: string;
}

let socket = open();
let sentAt = 0;
let sentAtMs = 0;
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
  const ms = performance.now() - sentAtMs;
  const probe: Probe = { at: sentAt, ms, ...(fault !== undefined && { fault }) };
  sentAt = 0;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(probe);
}

setInterval(() => {
  // One at a time: a server that does not answer is asked no more, and how long that lasts is told.
  if (sentAt !== 0) return;
  text = "";
  sentAt = Date.now();
  sentAtMs = performance.now();
  socket.write(request);
}, everyMs);

/** Asked for at the end: how long the one under way has been waiting. */
parentPort?.on("message", () => {
  done(undefined);
  process.exit(0);
});
