/** Reads a request's body into one piece, within a limit. */
import type { IncomingMessage } from "node:http";
import type { HeldBytes } from "./held-bytes.ts";

/** The body, or why there is none. */
export type BodyResult = Buffer | "too-large" | "no-room" | "aborted";

export const emptyBody: Buffer = Buffer.alloc(0);

/**
 * Calls `done` exactly once. After `too-large` and `no-room` the rest is left to the caller, who answers and lets go of
 * the connection (`refuse`); `aborted` means that the client went away or broke off in the middle. What is held of a body
 * that came whole is for the caller to release; of any other nothing is.
 */
export function readBody(
  request: IncomingMessage,
  limitBytes: number,
  announcedBytes: number,
  held: HeldBytes,
  done: (result: BodyResult) => void,
): void {
  let buffer: Buffer | undefined;
  let length = 0;
  let isDone = false;

  const finish = (result: BodyResult): void => {
    if (isDone) return;
    isDone = true;
    if (typeof result === "string") {
      buffer = undefined;
      held.release(length);
    }
    done(result);
  };

  request.on("data", (chunk: Buffer) => {
    if (isDone) return;
    const total = length + chunk.length;
    if (total > limitBytes) return finish("too-large");
    if (!held.hasRoomFor(total)) return finish("no-room");
    held.hold(chunk.length);
    if (buffer === undefined) {
      // Nearly always the only one: no copy.
      buffer = chunk;
    } else {
      // Into one growing buffer, not into a list: a body that trickles in byte by byte would otherwise
      // become a million objects of a hundred bytes each.
      if (total > buffer.length) buffer = grown(buffer, length, total, announcedBytes);
      chunk.copy(buffer, length);
    }
    length = total;
  });
  request.on("end", () => {
    if (buffer === undefined) finish(emptyBody);
    else finish(buffer.length === length ? buffer : buffer.subarray(0, length));
  });
  request.on("error", () => finish("aborted"));
  request.on("close", () => finish("aborted"));
}

function grown(buffer: Buffer, length: number, needed: number, announcedBytes: number): Buffer {
  const size = Number.isFinite(announcedBytes) ? announcedBytes : Math.max(needed, length * 2);
  const larger = Buffer.allocUnsafeSlow(Math.max(size, needed));
  buffer.copy(larger, 0, 0, length);
  return larger;
}
