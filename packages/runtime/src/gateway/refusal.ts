/** Replies of the gateway itself, from the ledger: the function did not run. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { entryOf, ledger, type ReplyErrorCode } from "../errors.ts";
import { exchangeSeen, type GivenHint } from "../observe/channels.ts";
import { endExchange, type Exchange } from "./exchange.ts";
import { announcedBodyBytes } from "./limits.ts";

/** A body up to this size is read and dropped, so that the connection can be used again. */
const dropBytes = 65_536;

/** How much of a larger one is still taken after the reply, and for how long, before the connection is cut. */
const lingerBytes = 16 * 1_048_576;
const lingerMs = 2_000;

export interface RefusalOptions {
  /** In place of the ledger's status. */
  readonly status?: number;
  /** Further headers, names and values in turn. */
  readonly headers?: readonly string[];
  /** In development, for the log and the caller. */
  readonly hints?: readonly GivenHint[] | undefined;
  /** For the log, never for the caller. */
  readonly detail?: string;
  /** Gives up the connection, whatever is left of the body. */
  readonly closes?: boolean;
  /** The protocol that the client has to use instead. */
  readonly upgrade?: string;
}

/** Answers with the ledger's message as plain text and `x-offhook-error`, and ends the exchange. Writes nothing if the client is gone. */
export function refuse(exchange: Exchange, code: ReplyErrorCode, options: RefusalOptions = {}): void {
  const { request, response } = exchange;
  const message = [ledger[code].message, ...(options.hints ?? []).map(({ text }) => text)].join("\n");
  const status = options.status ?? ledger[code].status;
  const isHead = request.method === "HEAD";

  if (!response.destroyed) {
    const leavesBody = options.closes === true || hasUnreadBody(exchange);
    const headers = [
      "content-type",
      "text/plain; charset=utf-8",
      "content-length",
      String(Buffer.byteLength(message)),
      "x-offhook-error",
      code,
      "x-offhook-request-id",
      exchange.requestId,
    ];
    headers.push(...retryHeaders(code));
    if (options.headers !== undefined) headers.push(...options.headers);
    // One header: Node keeps the connection for the last one that it finds.
    const connection = leavesBody || exchange.traffic.isDraining ? ["close"] : [];
    if (options.upgrade !== undefined) {
      headers.push("upgrade", options.upgrade);
      connection.unshift("upgrade");
    }
    if (connection.length > 0) headers.push("connection", connection.join(", "));
    response.writeHead(status, headers);
    if (exchangeSeen.isObserved) exchange.sent = { headers, body: Buffer.from(isHead ? "" : message) };
    if (leavesBody) {
      response.flushHeaders();
      if (!isHead) response.write(message);
      endAfterBody(request, response);
    } else {
      response.end(message);
    }
  }
  endExchange(exchange, status, isHead ? 0 : Buffer.byteLength(message), code, options.detail, options.hints);
}

/** When to try again, where that may help. */
export function retryHeaders(code: ReplyErrorCode): string[] {
  const { retryAfterSeconds } = entryOf(code);
  return retryAfterSeconds === undefined ? [] : ["retry-after", String(retryAfterSeconds)];
}

/**
 * Whether so much of the body is still to come that the connection is not worth keeping. A client that was
 * to wait for `100 Continue` may now send its body or not: what follows on the connection cannot be told apart.
 */
function hasUnreadBody(exchange: Exchange): boolean {
  const { request } = exchange;
  if (request.complete) return false;
  return exchange.expectsContinue || announcedBodyBytes(request) > dropBytes;
}

/**
 * Ends the response only when the client has sent its body, or enough of it. The reply itself is out
 * already, complete by its content-length. Closing at once, with bytes unread, would make the kernel send a
 * reset, and a client that is still sending would see that instead of the reply.
 */
function endAfterBody(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete) {
    response.end();
    return;
  }
  let budget = lingerBytes;
  const end = (): void => {
    clearTimeout(timer);
    if (!response.writableEnded) response.end();
  };
  const timer = setTimeout(end, lingerMs);
  request.on("data", (chunk: Buffer) => {
    budget -= chunk.length;
    if (budget < 0) end();
  });
  request.on("end", end);
  request.on("close", end);
  request.on("error", end);
}
