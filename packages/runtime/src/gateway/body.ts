/** Reads a request's body into one piece, within a limit. */
import { noteYoungGarbage } from "../garbage.ts";
import { freePages, pagesFor } from "../page-memory.ts";
import type { Connection, Exchange } from "./exchange.ts";
import type { HeldBytes } from "./held-bytes.ts";

/** The body, or why there is none. */
export type BodyResult = Buffer | "too-large" | "no-room" | "aborted";

export const emptyBody: Buffer = Buffer.alloc(0);

/** Less than this is left in the piece of memory in which it came. */
const littleBytes = 4_096;

/**
 * Calls `done` exactly once. After `too-large` and `no-room` the rest is left to the caller, who answers and lets go of
 * the connection (`refuse`); `aborted` means that the client went away or broke off in the middle. What is held of a body
 * that came whole is for the caller to release; of any other nothing is.
 */
export function readBody(
  exchange: Exchange,
  limitBytes: number,
  announcedBytes: number,
  done: (result: BodyResult) => void,
): void {
  const { request, connection, inFlight, traffic } = exchange;
  const { held } = traffic;
  let buffer = emptyBody;
  let length = 0;
  let isDone = false;

  const finish = (result: BodyResult): void => {
    if (isDone) return;
    isDone = true;
    connection.refuseBody = undefined;
    if (typeof result === "string") {
      held.releaseBody(connection, length);
      inFlight?.releaseBody(length);
      freePages(buffer);
      buffer = emptyBody;
    } else {
      held.keepBody(connection, length);
    }
    done(result);
  };

  connection.refuseBody = () => finish("no-room");
  request.on("data", (chunk: Buffer) => {
    if (isDone) return;
    connection.hasProgress = true;
    const total = length + chunk.length;
    if (total > limitBytes) return finish("too-large");
    if (inFlight?.holdBody(chunk.length, total) === false) return finish("no-room");
    if (!held.holdBody(connection, chunk.length, total)) {
      inFlight?.releaseBody(chunk.length);
      return finish("no-room");
    }
    if (length === 0 && (total === announcedBytes || total < littleBytes)) {
      // Nearly always all of it: no copy.
      buffer = chunk;
    } else {
      // Into one growing buffer, not into a list: a body that trickles in byte by byte would otherwise
      // become a million objects of a hundred bytes each.
      if (total > buffer.length) buffer = grown(buffer, length, total, Math.min(announcedBytes, limitBytes));
      chunk.copy(buffer, length);
      if (held.isTight) noteYoungGarbage(chunk.length);
    }
    length = total;
  });
  request.on("end", () => {
    onRequestRead(connection, held);
    finish(buffer.length === length ? buffer : buffer.subarray(0, length));
  });
  request.on("error", () => finish("aborted"));
  request.on("close", () => finish("aborted"));
}

/** What has arrived so far belongs to requests that are complete, and not to the head of the next. */
function onRequestRead(connection: Connection, held: HeldBytes): void {
  connection.progressAtBytes = connection.socket.bytesRead;
  held.releaseHead(connection);
}

/** The request is answered, and its connection stays: what is left of its body is read and dropped. */
export function dropBody({ request, connection, traffic }: Exchange): void {
  if (request.complete) return;
  request.on("end", () => onRequestRead(connection, traffic.held));
  request.resume();
}

/** Follows what has arrived, and not what was announced. What nothing is written to takes addresses only, and no memory. */
function grown(buffer: Buffer, length: number, neededBytes: number, maxBytes: number): Buffer {
  const larger = pagesFor(Math.max(neededBytes, Math.min(neededBytes * 4, maxBytes)));
  buffer.copy(larger, 0, 0, length);
  freePages(buffer);
  return larger;
}
