/**
 * Answers bytes that Node's parser cannot parse, or stops waiting for. There is no request, so it writes to the socket.
 */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { ledger, type ReplyErrorCode } from "../errors.ts";
import { requestEnded } from "../observe/channels.ts";
import { errorHeader, requestIdHeader } from "../reply-headers.ts";
import { isLingering, lingerOnClose } from "./lingering-close.ts";
import { nextRequestId } from "./request-id.ts";

const { STATUS_CODES } = process.getBuiltinModule("node:http");

/** Why each socket was rejected. */
const refused = new WeakMap<Socket, ReplyErrorCode>();

/** Replies that must be out before a parser's error is answered. */
const awaited = new WeakSet<ServerResponse>();

/** Why the socket was rejected, if it was. */
export function faultOf(socket: Socket): ReplyErrorCode | undefined {
  return refused.get(socket);
}

/**
 * For the server's `clientError`. It never throws, because the socket may be in any state.
 * @param last the last pending reply on this connection, if there is one.
 */
export function answerMalformed(error: NodeJS.ErrnoException, socket: Socket, last?: ServerResponse): void {
  // The parser reports an error again for every later chunk, and for a connection that ends in the middle of a request.
  if (!refused.has(socket) && !isLingering(socket)) answer(error, socket, last);
}

function answer(error: NodeJS.ErrnoException, socket: Socket, last?: ServerResponse): void {
  const code = codeOf(error);
  const current = dueReply(socket);
  if (error.code === "ECONNRESET" || !socket.writable || isSilent(socket, code)) {
    refused.set(socket, code);
    socket.destroy();
  } else if (current?.req.complete === true) {
    // Invalid bytes after valid requests. The requests get their replies first, then the connection ends.
    const latest = last ?? current;
    latest.shouldKeepAlive = false;
    lingerOnClose(socket);
    // If that reply has already announced that the connection stays open, the error is answered after it.
    if (latest.headersSent && !awaited.has(latest)) {
      awaited.add(latest);
      latest.once("finish", () => {
        if (socket.writable) answer(error, socket);
      });
    }
  } else if (current?.headersSent === true) {
    refused.set(socket, code);
    lingerOnClose(socket);
    socket.destroySoon();
  } else {
    refuseRaw(socket, code, error.message, current === undefined);
  }
}

/** Answers on the bare socket and closes it. */
export function refuseRaw(socket: Socket, code: ReplyErrorCode, detail: string, isPublished = true): void {
  refused.set(socket, code);
  const { status, message } = ledger[code];
  const requestId = nextRequestId();
  lingerOnClose(socket);
  socket.write(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n` +
      "content-type: text/plain; charset=utf-8\r\n" +
      `content-length: ${message.length}\r\n` +
      `${errorHeader}: ${code}\r\n` +
      `${requestIdHeader}: ${requestId}\r\n` +
      `connection: close\r\n\r\n${message}`,
  );
  socket.destroySoon();
  if (!isPublished || !requestEnded.isObserved) return;
  const bytes = message.length;
  requestEnded.publish({
    service: "",
    requestId,
    method: "",
    path: "",
    status,
    durationMs: 0,
    code,
    detail,
    bytes,
  });
}

/** The reply to which the socket belongs now. Node has no public API for it. */
export function dueReply(socket: Socket): ServerResponse | undefined {
  const key = "_httpMessage";
  return (socket as { [key]?: ServerResponse | null })[key] ?? undefined;
}

function codeOf(error: NodeJS.ErrnoException): ReplyErrorCode {
  if (error.code === "HPE_HEADER_OVERFLOW") return "request-headers-too-long";
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") return "request-timed-out";
  return "request-malformed";
}

/**
 * A connection that was opened in advance and never used. Browsers and load balancers do that, and expect no answer.
 */
function isSilent(socket: Socket, code: ReplyErrorCode): boolean {
  return code === "request-timed-out" && socket.bytesRead === 0;
}
