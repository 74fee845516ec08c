/** What Node's parser could make nothing of, or gave up waiting for. There is no request to answer: bytes go to the socket. */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { ledger, type ReplyErrorCode } from "../errors.ts";
import { requestEnded } from "../observe/channels.ts";
import { errorHeader, requestIdHeader } from "../reply-headers.ts";
import { isLingering, lingerOnClose } from "./lingering-close.ts";
import { nextRequestId } from "./request-id.ts";

const { STATUS_CODES } = process.getBuiltinModule("node:http");

/** What each socket was refused for. */
const refused = new WeakMap<Socket, ReplyErrorCode>();

/** Replies behind which a complaint waits. */
const awaited = new WeakSet<ServerResponse>();

/** Why the socket was given up, if it was. */
export function faultOf(socket: Socket): ReplyErrorCode | undefined {
  return refused.get(socket);
}

/**
 * For the server's `clientError`. Never throws: by then the socket may be in any state.
 * @param last the reply behind which nothing else is owed on this connection, if one is.
 */
export function answerMalformed(error: NodeJS.ErrnoException, socket: Socket, last?: ServerResponse): void {
  // The parser complains again about every further chunk, and about the end of a connection in the middle of a request.
  if (!refused.has(socket) && !isLingering(socket)) answer(error, socket, last);
}

function answer(error: NodeJS.ErrnoException, socket: Socket, last?: ServerResponse): void {
  const code = codeOf(error);
  const current = dueReply(socket);
  if (error.code === "ECONNRESET" || !socket.writable || isSilent(socket, code)) {
    refused.set(socket, code);
    socket.destroy();
  } else if (current?.req.complete === true) {
    // Rubbish after good requests, which get their replies first; then the connection ends.
    const latest = last ?? current;
    latest.shouldKeepAlive = false;
    lingerOnClose(socket);
    // Where that reply has said already that the connection stays, the complaint is looked at again behind it.
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

/** The reply that the socket is for just now. Node has no public way to it. */
export function dueReply(socket: Socket): ServerResponse | undefined {
  const key = "_httpMessage";
  return (socket as { [key]?: ServerResponse | null })[key] ?? undefined;
}

function codeOf(error: NodeJS.ErrnoException): ReplyErrorCode {
  if (error.code === "HPE_HEADER_OVERFLOW") return "request-headers-too-long";
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") return "request-timed-out";
  return "request-malformed";
}

/** A connection opened ahead of need and never used: browsers and load balancers do that, and expect no answer. */
function isSilent(socket: Socket, code: ReplyErrorCode): boolean {
  return code === "request-timed-out" && socket.bytesRead === 0;
}
