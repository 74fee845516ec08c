/** What Node's parser could make nothing of, or gave up waiting for. There is no request to answer: bytes go to the socket. */
import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { ledger, type ReplyErrorCode } from "../errors.ts";
import { requestEnded } from "../observe/channels.ts";
import { nextRequestId } from "./request-id.ts";

const { STATUS_CODES } = process.getBuiltinModule("node:http");

/** How long a client may take to read the reply and go. */
const lingerMs = 1_000;

/** What each socket was refused for. */
const refused = new WeakMap<Duplex, ReplyErrorCode>();

/** Replies behind which a complaint waits. */
const awaited = new WeakSet<ServerResponse>();

/** Why the socket was given up, if it was. */
export function faultOf(socket: Duplex): ReplyErrorCode | undefined {
  return refused.get(socket);
}

/**
 * For the server's `clientError`. Never throws: by then the socket may be in any state.
 * @param last the reply behind which nothing else is owed on this connection, if one is.
 */
export function answerMalformed(error: NodeJS.ErrnoException, socket: Duplex, last?: ServerResponse): void {
  // The parser complains again about every further chunk.
  if (refused.has(socket)) return;
  const code = codeOf(error);
  const current = dueReply(socket);
  if (error.code === "ECONNRESET" || !socket.writable || isSilent(socket, code)) {
    refused.set(socket, code);
    socket.destroy();
  } else if (current?.req.complete === true) {
    // Rubbish after good requests, which get their replies first; then the connection ends.
    const latest = last ?? current;
    latest.shouldKeepAlive = false;
    // Where that reply has said already that the connection stays, the complaint is looked at again behind it.
    if (latest.headersSent && !awaited.has(latest)) {
      awaited.add(latest);
      latest.once("finish", () => {
        if (socket.writable) answerMalformed(error, socket);
      });
    }
  } else if (current?.headersSent === true) {
    refused.set(socket, code);
    letGo(socket);
  } else {
    refuseRaw(socket, code, error.message, current === undefined);
  }
}

/** Answers on the bare socket and closes it. */
export function refuseRaw(socket: Duplex, code: ReplyErrorCode, detail: string, isPublished = true): void {
  refused.set(socket, code);
  const { status, message } = ledger[code];
  const requestId = nextRequestId();
  letGo(
    socket,
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n` +
      "content-type: text/plain; charset=utf-8\r\n" +
      `content-length: ${message.length}\r\n` +
      `x-offhook-error: ${code}\r\n` +
      `x-offhook-request-id: ${requestId}\r\n` +
      `connection: close\r\n\r\n${message}`,
  );
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

/** Not destroyed at once: with bytes unread that is a reset, and what was written would be lost. */
function letGo(socket: Duplex, bytes = ""): void {
  socket.on("error", () => undefined);
  socket.end(bytes);
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("close", () => clearTimeout(timer));
}

/** The reply that the socket is for just now. Node has no public way to it. */
export function dueReply(socket: Duplex): ServerResponse | undefined {
  const key = "_httpMessage";
  return (socket as { [key]?: ServerResponse | null })[key] ?? undefined;
}

function codeOf(error: NodeJS.ErrnoException): ReplyErrorCode {
  if (error.code === "HPE_HEADER_OVERFLOW") return "request-headers-too-long";
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") return "request-timed-out";
  return "request-malformed";
}

/** A connection opened ahead of need and never used: browsers and load balancers do that, and expect no answer. */
function isSilent(socket: Duplex, code: ReplyErrorCode): boolean {
  return code === "request-timed-out" && (socket as { bytesRead?: number }).bytesRead === 0;
}
