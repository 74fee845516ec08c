/**
 * Closes a connection whose client may still be sending. Closing at once, with bytes unread, makes the kernel send a reset,
 * and the client sees that instead of the reply. So the reply goes out, our half of the connection is closed, and what still
 * arrives is read and dropped: until the client closes too, or a bound is reached.
 */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { noteYoungGarbage } from "../garbage.ts";
import type { Connection } from "./exchange.ts";
import { announcedBodyBytes } from "./limits.ts";

/** The most that is read after the decision to close: enough for a client that reads only after it has sent its body. */
const maxBytes = 16 * 1_048_576;
/** The most time that a client gets after the last byte of the reply has left. */
const maxMs = 2_000;

/** A body up to this size is read and dropped, so that the connection can be used again. */
const dropBytes = 65_536;

const lingering = new WeakSet<Socket>();

/** Whether the connection is being closed in this way. Nothing that arrives on it counts any more. */
export function isLingering(socket: Socket): boolean {
  return lingering.has(socket);
}

/**
 * From now on nothing that arrives is parsed. The connection is closed as soon as `destroySoon` is called, which Node does
 * after a reply that says `Connection: close`. A second call does nothing.
 */
export function lingerOnClose(socket: Socket): void {
  if (lingering.has(socket) || socket.destroyed) return;
  lingering.add(socket);
  let bytesLeft = maxBytes;
  let isReplyOut = false;
  let timer: NodeJS.Timeout | undefined;

  const drop = (chunk: Buffer): void => {
    noteYoungGarbage(chunk.length);
    bytesLeft -= chunk.length;
    if (bytesLeft >= 0) return;
    // A reply may wait for an earlier one on the connection: until it is out, the client is not read from.
    if (isReplyOut) socket.destroy();
    else socket.pause();
  };
  const detachParser = (): void => {
    if (socket.destroyed) return;
    socket.removeAllListeners("data");
    // With a listener for `data`, Node no longer lets the parser read from the handle by itself.
    socket.on("data", drop);
  };
  if (socket.isPaused()) {
    // Node's own listener for `resume` starts the handle again, and is gone once ours for `data` is there.
    socket.once("resume", detachParser);
    if (!waitsForReader(socket)) socket.resume();
  } else {
    detachParser();
  }

  socket.destroySoon = () => {
    if (socket.writableEnded) return;
    socket.on("error", () => undefined);
    socket.end(() => {
      isReplyOut = true;
      if (bytesLeft < 0) socket.destroy();
      else if (!socket.destroyed) timer = setTimeout(() => socket.destroy(), maxMs);
    });
  };
  socket.once("close", () => clearTimeout(timer));
}

/** Undocumented. Node has paused the socket because earlier replies are not read, and resumes it when they have been. */
function waitsForReader(socket: Socket): boolean {
  const key = "_paused";
  return (socket as { [key]?: boolean })[key] === true;
}

/**
 * Whether so much of the body is still to come that the connection is not worth keeping. A client that was
 * to wait for `100 Continue` may now send its body or not: what follows on the connection cannot be told apart.
 */
export function hasUnreadBody(request: IncomingMessage, expectsContinue: boolean): boolean {
  if (request.complete) return false;
  return expectsContinue || announcedBodyBytes(request) > dropBytes;
}

/** The reply to this request says `Connection: close`. What is left of the request, and all that follows it, is dropped. */
export function endWithReplyTo(request: IncomingMessage, connection: Connection): void {
  connection.isGivenUp = true;
  request.resume();
  lingerOnClose(connection.socket);
}
