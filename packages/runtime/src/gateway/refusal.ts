/** Replies of the gateway itself, from the ledger. The function did not run. */
import { entryOf, ledger, type ReplyErrorCode } from "../errors.ts";
import { exchangeSeen, type GivenHint, type SignatureDiagnosis } from "../observe/channels.ts";
import { errorHeader, requestIdHeader } from "../reply-headers.ts";
import { dropBody } from "./body.ts";
import type { Content } from "./development-hooks.ts";
import { endExchange, type Failure } from "./exchange-end.ts";
import { recordReply } from "./exchange-record.ts";
import type { Exchange } from "./exchange.ts";
import { endWithReplyTo, hasUnreadBody } from "./lingering-close.ts";

export interface RefusalOptions {
  /** Replaces the ledger's status. */
  readonly status?: number;
  /** More headers, as alternating names and values. */
  readonly headers?: readonly string[];
  /** Only in development, for the log and the caller. */
  readonly hints?: readonly GivenHint[] | undefined;
  /** Only in development, for the log and the dashboard. Callers get the reply of production. */
  readonly authorHints?: readonly GivenHint[] | undefined;
  /** Only in development, for the author. It says which guess at a signature is valid, so no caller may get it. */
  readonly signatureDiagnosis?: SignatureDiagnosis | undefined;
  /** Only in development, for the author's browser. It replaces the message and the hints. */
  readonly page?: Content | undefined;
  /** For the log, never for the caller. */
  readonly detail?: string;
  /** Closes the connection, even if much of the body is missing. */
  readonly closes?: boolean;
  /** The protocol that the client must use instead. */
  readonly upgrade?: string;
}

/**
 * Answers with the ledger's message as plain text and `x-offhook-error`, and ends the exchange. The author's browser
 * gets a page instead. Writes nothing if the client is gone.
 */
export function refuse(exchange: Exchange, code: ReplyErrorCode, options: RefusalOptions = {}): void {
  const { request, response } = exchange;
  const { hints = [], page } = options;
  const status = options.status ?? ledger[code].status;
  const text = page?.text ?? [ledger[code].message, ...hints.map((hint) => hint.text)].join("\n");
  const isHead = request.method === "HEAD";

  if (!response.destroyed) {
    const closes =
      options.closes === true || exchange.traffic.isDraining || hasUnreadBody(request, exchange.expectsContinue);
    const headers = [
      "content-type",
      page?.type ?? "text/plain; charset=utf-8",
      "content-length",
      String(Buffer.byteLength(text)),
      errorHeader,
      code,
      requestIdHeader,
      exchange.requestId,
    ];
    headers.push(...retryHeaders(code), ...(page?.headers ?? []));
    if (options.headers !== undefined) headers.push(...options.headers);
    // One header only: if there are several, Node uses the last one to decide whether the connection stays.
    const connection = closes ? ["close"] : [];
    if (options.upgrade !== undefined) {
      headers.push("upgrade", options.upgrade);
      connection.unshift("upgrade");
    }
    if (connection.length > 0) headers.push("connection", connection.join(", "));
    response.writeHead(status, headers);
    if (exchangeSeen.isObserved) recordReply(exchange, headers, Buffer.from(text));
    if (closes) endWithReplyTo(request, exchange.connection);
    else dropBody(exchange);
    response.end(text);
  }
  endExchange(exchange, status, isHead ? 0 : Buffer.byteLength(text), failureOf(code, options));
}

/** For the log and the dashboard. */
function failureOf(code: ReplyErrorCode, options: RefusalOptions): Failure {
  const { detail, hints = [], authorHints = [], signatureDiagnosis } = options;
  return { code, detail, hints: [...hints, ...authorHints], signatureDiagnosis };
}

/** Says when to retry, if that may help. */
export function retryHeaders(code: ReplyErrorCode): string[] {
  const { retryAfterSeconds } = entryOf(code);
  return retryAfterSeconds === undefined ? [] : ["retry-after", String(retryAfterSeconds)];
}
