/**
 * Closes a connection whose client may still be sending. If the server closed at once, with bytes unread, the kernel
 * would send a reset, and the client would see that instead of the reply. So the server sends the reply and closes its
 * half of the connection. Then it reads and drops all bytes until the client closes too, or until a limit is reached.
 */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { noteYoungGarbage } from "../garbage.ts";
import type { Connection } from "./exchange.ts";
import { announcedBodyBytes } from "./limits.ts";

/**
 * The maximum to read after the decision to close. It is enough for clients that read only after sending their body.
 */
const maxBytes = 16 * 1_048_576;
/** The maximum time that a client gets after the last byte of the reply has left. */
const maxMs = 2_000;

/** A body up to this size is read and dropped, so that the connection can be used again. */
const dropBytes = 65_536;

const lingering = new WeakSet<Socket>();

/** Whether the connection is being closed in this way. The server ignores bytes that arrive on it. */
export function isLingering(socket: Socket): boolean {
  return lingering.has(socket);
}

/**
 * From now on, bytes that arrive are not parsed. The connection closes as soon as `destroySoon` is called. Node calls
 * it after a reply with `Connection: close`. A second call does nothing.
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
    // The reply may wait for an earlier one on the connection. Until it is out, nothing more is read.
    if (isReplyOut) socket.destroy();
    else socket.pause();
  };
  const detachParser = (): void => {
    if (socket.destroyed) return;
    socket.removeAllListeners("data");
    // With a listener for `data`, Node no longer lets the parser read directly from the handle.
    socket.on("data", drop);
  };
  if (socket.isPaused()) {
    // Node's own listener for `resume` starts the handle again. It is removed as soon as ours for `data` exists.
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

/**
 * Undocumented. Node has paused the socket because earlier replies are unread, and resumes it when they have been read.
 */
function waitsForReader(socket: Socket): boolean {
  const key = "_paused";
  return (socket as { [key]?: boolean })[key] === true;
}

/**
 * Whether so much of the body is still missing that the connection is not worth keeping. A client that waits for
 * `100 Continue` may send its body or not, so the next bytes could be a body or a request.
 */
export function hasUnreadBody(request: IncomingMessage, expectsContinue: boolean): boolean {
  if (request.complete) return false;
  return expectsContinue || announcedBodyBytes(request) > dropBytes;
}

/**
 * Call it if the reply to this request has `Connection: close`. The rest of the request and all later bytes are
 * dropped.
 */
export function endWithReplyTo(request: IncomingMessage, connection: Connection): void {
  connection.isGivenUp = true;
  request.resume();
  lingerOnClose(connection.socket);
}
