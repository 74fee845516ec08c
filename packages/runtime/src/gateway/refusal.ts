/** Replies of the gateway itself, from the ledger: the function did not run. */
import { entryOf, ledger, type ReplyErrorCode } from "../errors.ts";
import { exchangeSeen } from "../observe/channels.ts";
import { dropBody } from "./body.ts";
import { endExchange, type Exchange } from "./exchange.ts";
import { endWithReplyTo, hasUnreadBody } from "./lingering-close.ts";

export interface RefusalOptions {
  /** In place of the ledger's status. */
  readonly status?: number;
  /** Further headers, names and values in turn. */
  readonly headers?: readonly string[];
  /** For the log, never for the caller. */
  readonly detail?: string;
  /** Gives up the connection, whatever is left of the body. */
  readonly closes?: boolean;
}

/** Answers with the ledger's message as plain text and `x-offhook-error`, and ends the exchange. Writes nothing if the client is gone. */
export function refuse(exchange: Exchange, code: ReplyErrorCode, options: RefusalOptions = {}): void {
  const { request, response } = exchange;
  const { message } = ledger[code];
  const status = options.status ?? ledger[code].status;
  const isHead = request.method === "HEAD";

  if (!response.destroyed) {
    const closes =
      options.closes === true || exchange.traffic.isDraining || hasUnreadBody(request, exchange.expectsContinue);
    const headers = [
      "content-type",
      "text/plain; charset=utf-8",
      "content-length",
      String(message.length),
      "x-offhook-error",
      code,
      "x-offhook-request-id",
      exchange.requestId,
    ];
    headers.push(...retryHeaders(code));
    if (options.headers !== undefined) headers.push(...options.headers);
    if (closes) headers.push("connection", "close");
    response.writeHead(status, headers);
    if (exchangeSeen.isObserved) exchange.sent = { headers, body: Buffer.from(isHead ? "" : message) };
    if (closes) endWithReplyTo(request, exchange.connection);
    else dropBody(exchange);
    response.end(message);
  }
  endExchange(exchange, status, isHead ? 0 : message.length, code, options.detail);
}

/** When to try again, where that may help. */
export function retryHeaders(code: ReplyErrorCode): string[] {
  const { retryAfterSeconds } = entryOf(code);
  return retryAfterSeconds === undefined ? [] : ["retry-after", String(retryAfterSeconds)];
}
