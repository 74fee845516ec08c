/** Reads a request's body into one piece, within a limit. */
import { noteYoungGarbage } from "../garbage.ts";
import { freePages, pagesFor } from "../page-memory.ts";
import type { Connection, Exchange } from "./exchange.ts";
import type { HeldBytes } from "./held-bytes.ts";

/** The body, or the reason why there is none. */
export type BodyResult = Buffer | "too-large" | "no-room" | "aborted";

export const emptyBody: Buffer = Buffer.alloc(0);

/** A body below this size is not copied. It stays in the buffer in which it arrived. */
const littleBytes = 4_096;

/**
 * Calls `done` exactly once. After `too-large` and `no-room`, the caller must answer and close the connection
 * (`refuse`). `aborted` means that the client disconnected, or stopped in the middle. The bytes of a complete body
 * count as held until the caller releases them. Nothing is held after the other results.
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
      // This is nearly always the whole body, so there is no copy.
      buffer = chunk;
    } else {
      // One growing buffer, not a list of chunks: a body that arrives byte by byte would otherwise become a million
      // objects of a hundred bytes each.
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

/** All bytes that have arrived belong to complete requests, and not to the head of the next one. */
function onRequestRead(connection: Connection, held: HeldBytes): void {
  connection.progressAtBytes = connection.socket.bytesRead;
  held.releaseHead(connection);
}

/** For a request that is answered and whose connection stays open: reads and drops the rest of its body. */
export function dropBody({ request, connection, traffic }: Exchange): void {
  if (request.complete) return;
  request.on("end", () => onRequestRead(connection, traffic.held));
  request.resume();
}

/** The size depends on the bytes that have arrived, not on the announced length. Unwritten pages take no memory. */
function grown(buffer: Buffer, length: number, neededBytes: number, maxBytes: number): Buffer {
  const larger = pagesFor(Math.max(neededBytes, Math.min(neededBytes * 4, maxBytes)));
  buffer.copy(larger, 0, 0, length);
  freePages(buffer);
  return larger;
}
