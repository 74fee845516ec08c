/** Writes the outcome of an invocation to the caller (contract §1.7, rows 5 and 6). */
import { entryOf, statusOf } from "../errors.ts";
import { noteGarbage } from "../garbage.ts";
import { exchangeSeen } from "../observe/channels.ts";
import type { FailedOutcome, Outcome, ReplyOutcome } from "../pool/invocation.ts";
import { concurrencyHeader, connectionHeaders, errorHeader, requestIdHeader } from "../reply-headers.ts";
import { emptyBody } from "./body.ts";
import type { Content, DevelopmentHooks } from "./development-hooks.ts";
import { endExchange, type Failure } from "./exchange-end.ts";
import { recordTimings, recordReply } from "./exchange-record.ts";
import type { Exchange } from "./exchange.ts";
import { retryHeaders } from "./refusal.ts";

// Not imported: see `gateway.ts`.
const { validateHeaderName, validateHeaderValue } = process.getBuiltinModule("node:http");

/**
 * A body up to this size is written with its head, as one string. For a larger one, copying costs more than a second
 * write.
 */
const joinBytes = 16_384;

/** A reply to write, without the headers that every reply gets. */
interface Reply {
  readonly status: number;
  /** Alternating names and values. */
  readonly headers: string[];
  readonly body: Uint8Array;
  /** How many invocations ran when the outcome was known. */
  readonly running: number;
  readonly failure?: Failure | undefined;
}

/**
 * Writes the reply and ends the exchange. Writes nothing if the client is gone.
 * @param development undefined in production.
 */
export function writeReply(exchange: Exchange, outcome: Outcome, development?: DevelopmentHooks): void {
  exchange.isCold = outcome.isCold;
  if (outcome.timings !== undefined) recordTimings(exchange, outcome.timings);
  if (outcome.kind === "reply") writeOwn(exchange, outcome, development);
  else writeFailure(exchange, outcome, development);
}

/** Headers that authors cannot set: headers of the connection, and Offhook's own headers, which would be forged. */
const notTheAuthors: ReadonlySet<string> = new Set([
  ...connectionHeaders,
  requestIdHeader,
  errorHeader,
  concurrencyHeader,
]);

/** Writes the author's reply as the isolate sent it. Adds our headers unless the author has set the same names. */
function writeOwn(exchange: Exchange, outcome: ReplyOutcome, development: DevelopmentHooks | undefined): void {
  const { status, body, running, failure: code } = outcome;
  // The isolate has checked its reply, but user code runs there too and can write to the same pipe.
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    writeFailure(exchange, { kind: "failed", code: "reply-status-invalid", running }, undefined);
    return;
  }
  const headers = headersOf(outcome);
  if (code === undefined) {
    write(exchange, { status, headers, body, running });
    development?.noteReply(exchange, outcome);
    return;
  }
  headers.push(errorHeader, code);
  write(exchange, { status, headers, body, running, failure: { code, detail: development?.detailOf(outcome) } });
}

function headersOf(outcome: ReplyOutcome): string[] {
  const headers: string[] = [];
  let hasTypeOptions = false;
  let hasXssProtection = false;
  let hasShenanigans = false;
  for (let index = 0; index + 1 < outcome.headers.length; index += 2) {
    const name = outcome.headers[index] as string;
    const lower = name.toLowerCase();
    if (notTheAuthors.has(lower)) continue;
    if (lower === "x-content-type-options") hasTypeOptions = true;
    else if (lower === "x-xss-protection") hasXssProtection = true;
    else if (lower === "x-shenanigans") hasShenanigans = true;
    headers.push(name, outcome.headers[index + 1] as string);
  }
  if (!hasTypeOptions) headers.push("x-content-type-options", "nosniff");
  if (!hasXssProtection) headers.push("x-xss-protection", "1; mode=block");
  if (!hasShenanigans) headers.push("x-shenanigans", "none");
  return headers;
}

/**
 * Writes a reply instead of the author's. With development hooks, it may contain details that strangers must not see.
 */
function writeFailure(exchange: Exchange, outcome: FailedOutcome, development: DevelopmentHooks | undefined): void {
  const { code, running } = outcome;
  const report = development?.reportFailure(exchange, outcome);
  const { type, text, headers: further = [] } = report?.content ?? contentOf(outcome);
  const headers = [
    "content-type",
    type,
    ...further,
    "x-content-type-options",
    "nosniff",
    "x-xss-protection",
    "1; mode=block",
    "x-shenanigans",
    "none",
    errorHeader,
    code,
    ...retryHeaders(code),
  ];
  const failure = { code, detail: detailOf(outcome), hints: report?.hints, source: report?.source };
  write(exchange, { status: statusOf(code), headers, body: Buffer.from(text), running, failure });
}

/** The ledger's message. For an error of the author's handler, the error itself, as JSON without its stack (row 34). */
function contentOf({ code, error }: FailedOutcome): Content {
  if (error !== undefined && (code === "handler-threw" || code === "callback-error")) {
    const { message, name } = error;
    return { type: "application/json", text: JSON.stringify({ message, name }) };
  }
  return { type: "text/plain; charset=utf-8", text: entryOf(code).message };
}

function write(exchange: Exchange, { status, headers, body, running, failure }: Reply): void {
  const { request, response } = exchange;
  const isBodiless = status === 204 || status === 304;
  const sent = isBodiless ? emptyBody : body;
  if (request.socket.destroyed) {
    noteGarbage(body.length);
    endAbandoned(exchange, status, failure);
    return;
  }
  if (!response.destroyed) {
    headers.push(concurrencyHeader, String(running), requestIdHeader, exchange.requestId);
    if (!isBodiless) headers.push("content-length", String(sent.length));
    if (exchange.traffic.isDraining) headers.push("connection", "close");
    try {
      if (isBodiless) checkHeaders(headers);
      response.writeHead(status, headers);
    } catch (error) {
      const cause = { name: "Error", message: String(error) };
      writeFailure(exchange, { kind: "failed", code: "reply-header-invalid", error: cause, running }, undefined);
      return;
    }
    if (exchangeSeen.isObserved) recordReply(exchange, headers, sent);
    // For a HEAD request, Node itself drops the body.
    response.end(sent.length <= joinBytes ? latin1(sent) : sent, "latin1");
    // Usually the kernel has accepted all bytes by now.
    if (response.writableLength > 0) {
      // Subscribers may keep the body.
      const kept = exchangeSeen.isObserved ? undefined : sent;
      exchange.traffic.held.holdReply(exchange.connection, response, sent.length, kept);
    }
  }
  endExchange(exchange, status, request.method === "HEAD" ? 0 : sent.length, failure);
}

/**
 * The client disconnected before its reply. Another failure is logged first, because the operator must look at that.
 */
function endAbandoned(exchange: Exchange, status: number, failure: Failure | undefined): void {
  const gone = "client-disconnected";
  if (failure === undefined) return endExchange(exchange, status, 0, { code: gone });
  const { detail } = failure;
  endExchange(exchange, status, 0, { ...failure, detail: detail === undefined ? gone : `${detail}\n${gone}` });
}

/**
 * Checks headers as `writeHead` does. With these statuses, `writeHead` first decides that there is no body. If it then
 * rejects a header, the failure that is written instead would announce a body and have none. The client would read the
 * next reply on the connection as that body.
 * @throws TypeError
 */
function checkHeaders(headers: readonly string[]): void {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    validateHeaderName(headers[index] as string);
    validateHeaderValue(headers[index] as string, headers[index + 1] as string);
  }
}

/** Bytes as a string that Node can write together with the head: every byte is a Latin-1 character. */
function latin1(body: Uint8Array): string {
  const buffer = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return buffer.toString("latin1");
}

/** For the log: the author's error with its stack, then details from the pool. */
function detailOf(outcome: FailedOutcome): string | undefined {
  const { error, detail } = outcome;
  if (error === undefined) return detail;
  const text = error.stack ?? `${error.name}: ${error.message}`;
  return detail === undefined ? text : `${text}\n${detail}`;
}
