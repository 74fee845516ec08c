/** Writes what became of an invocation (contract §1.7, rows 5 and 6). */
import { isUtf8 } from "node:buffer";
import { entryOf, statusOf } from "../errors.ts";
import { noteGarbage } from "../garbage.ts";
import { exchangeSeen, type GivenHint } from "../observe/channels.ts";
import type { FailedOutcome, Outcome, ReplyOutcome } from "../pool/invocation.ts";
import { emptyBody } from "./body.ts";
import { endExchange, type Exchange } from "./exchange.ts";
import type { Hint } from "../development/insight/facts.ts";
import { retryHeaders } from "./refusal.ts";

// Not imported: see `gateway.ts`.
const { validateHeaderName, validateHeaderValue } = process.getBuiltinModule("node:http");

/** Up to here a body goes out in one piece with its head, as one string; above, copying costs more than a second piece. */
const joinBytes = 16_384;

/** Who may know what of a failure. */
export interface Audience {
  readonly exposeStacks: boolean;
  /** For browsers, where the author sits before them. */
  readonly failurePage?: ((exchange: Exchange, outcome: FailedOutcome, hints: readonly Hint[]) => string) | undefined;
  /** For him as well: what may be the matter. */
  readonly hintsOf?: ((exchange: Exchange, outcome: FailedOutcome) => readonly Hint[]) | undefined;
  /** The same, of a path that leads nowhere. */
  readonly hintsOfPath?: ((path: string) => readonly GivenHint[]) | undefined;
  /** A hint as callers and the log get it. */
  readonly given?: ((hint: Hint) => GivenHint) | undefined;
}

const strangers: Audience = { exposeStacks: false };

/** Writes the reply and ends the exchange. Writes nothing if the client is gone. */
export function writeReply(exchange: Exchange, outcome: Outcome, audience: Audience = strangers): void {
  exchange.isCold = outcome.isCold;
  exchange.course = outcome.course;
  if (outcome.kind === "reply") writeOwn(exchange, outcome, audience);
  else writeFailure(exchange, outcome, audience);
}

/** The author's reply, as the isolate sent it, and our headers where he set none of that name. */
function writeOwn(exchange: Exchange, outcome: ReplyOutcome, { exposeStacks }: Audience): void {
  const { status, body } = outcome;
  // An isolate checks what it sends. But user code runs in there too and can write to the same pipe.
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    writeFailure(exchange, { kind: "failed", code: "reply-status-invalid", running: outcome.running }, strangers);
    return;
  }
  const headers: string[] = [];
  let hasTypeOptions = false;
  let hasXssProtection = false;
  let hasShenanigans = false;
  for (let index = 0; index + 1 < outcome.headers.length; index += 2) {
    const name = outcome.headers[index] as string;
    switch (name.toLowerCase()) {
      // These are about the connection, and the author's reply is not: with them he could desynchronise it.
      case "connection":
      case "content-length":
      // Of requests. Node would send the head at once, and in another encoding.
      case "expect":
      case "keep-alive":
      case "proxy-connection":
      case "te":
      case "trailer":
      case "transfer-encoding":
      case "upgrade":
      // These would be forged.
      case "x-offhook-request-id":
      case "x-offhook-error":
      case "x-twilio-function-concurrency":
        continue;
      case "x-content-type-options":
        hasTypeOptions = true;
        break;
      case "x-xss-protection":
        hasXssProtection = true;
        break;
      case "x-shenanigans":
        hasShenanigans = true;
        break;
    }
    headers.push(name, outcome.headers[index + 1] as string);
  }
  if (!hasTypeOptions) headers.push("x-content-type-options", "nosniff");
  if (!hasXssProtection) headers.push("x-xss-protection", "1; mode=block");
  if (!hasShenanigans) headers.push("x-shenanigans", "none");
  if (outcome.failure !== undefined) headers.push("x-offhook-error", outcome.failure);
  const detail = exposeStacks && outcome.failure !== undefined ? errorIn(body) : undefined;
  write(exchange, status, headers, body, outcome.running, outcome.failure, detail);
}

const longestError = 1_000;

/** For the author's log: an error that is no `Error` has become the body. */
function errorIn(body: Uint8Array): string | undefined {
  if (body.length === 0 || !isUtf8(body)) return undefined;
  const text = Buffer.from(body).toString("utf8");
  return text.length > longestError ? `${text.slice(0, longestError)}…` : text;
}

/**
 * The ledger's message; for an author's error that error itself, as JSON (row 34). Who may see stacks may see errors of
 * his file's loading as well.
 */
function writeFailure(exchange: Exchange, outcome: FailedOutcome, audience: Audience): void {
  const { code } = outcome;
  const hints = audience.hintsOf?.(exchange, outcome) ?? none;
  const given = audience.given === undefined ? none : hints.map(audience.given);
  const { type, text, policy } = describe(exchange, outcome, audience, hints, audience.exposeStacks ? given : none);
  const headers = [
    "content-type",
    type,
    ...policy,
    "x-content-type-options",
    "nosniff",
    "x-xss-protection",
    "1; mode=block",
    "x-shenanigans",
    "none",
    "x-offhook-error",
    code,
    ...retryHeaders(code),
  ];
  write(exchange, statusOf(code), headers, Buffer.from(text), outcome.running, code, detailOf(outcome), given);
}

interface Description {
  readonly type: string;
  readonly text: string;
  readonly policy: readonly string[];
}

const none: readonly never[] = [];
/** Its author's words are on the page, and what callers sent: none of it is to do anything. */
const pagePolicy = ["content-security-policy", "default-src 'none'; style-src 'unsafe-inline'"];

function describe(
  exchange: Exchange,
  outcome: FailedOutcome,
  { exposeStacks, failurePage }: Audience,
  hints: readonly Hint[],
  given: readonly GivenHint[],
): Description {
  const { code, error } = outcome;
  if (failurePage !== undefined && /\btext\/html\b/.test(exchange.request.headers.accept ?? "")) {
    return { type: "text/html; charset=utf-8", text: failurePage(exchange, outcome, hints), policy: pagePolicy };
  }
  const isToTell = exposeStacks || code === "handler-threw" || code === "callback-error";
  const { message } = entryOf(code);
  if (error !== undefined && isToTell) {
    return { type: "application/json", text: errorJson(error, exposeStacks, given), policy: none };
  }
  if (given.length > 0) {
    return { type: "application/json", text: JSON.stringify({ message, hints: given }), policy: none };
  }
  return { type: "text/plain; charset=utf-8", text: message, policy: none };
}

function write(
  exchange: Exchange,
  status: number,
  headers: string[],
  body: Uint8Array,
  running: number,
  code?: string,
  detail?: string,
  hints: readonly GivenHint[] = none,
): void {
  const { request, response } = exchange;
  const isBodiless = status === 204 || status === 304;
  const sent = isBodiless ? emptyBody : body;
  if (request.socket.destroyed) {
    noteGarbage(body.length);
    endAbandoned(exchange, status, code, detail, hints);
    return;
  }
  if (!response.destroyed) {
    headers.push("x-twilio-function-concurrency", String(running), "x-offhook-request-id", exchange.requestId);
    if (!isBodiless) headers.push("content-length", String(sent.length));
    if (exchange.traffic.isDraining) headers.push("connection", "close");
    try {
      if (isBodiless) checkHeaders(headers);
      response.writeHead(status, headers);
    } catch (error) {
      const cause = { name: "Error", message: String(error) };
      const failed = { kind: "failed", code: "reply-header-invalid", error: cause, running } as const;
      writeFailure(exchange, failed, strangers);
      return;
    }
    if (exchangeSeen.isObserved) exchange.sent = { headers, body: request.method === "HEAD" ? emptyBody : sent };
    // Node drops the body of a HEAD itself.
    response.end(sent.length <= joinBytes ? latin1(sent) : sent, "latin1");
    // Usually the kernel has taken all of it by now.
    if (response.writableLength > 0) {
      // Who watches may keep the body.
      const own = exchangeSeen.isObserved ? undefined : sent;
      exchange.traffic.held.holdReply(exchange.connection, response, sent.length, own);
    }
  }
  endExchange(exchange, status, request.method === "HEAD" ? 0 : sent.length, code, detail, hints);
}

/** The client went away before its reply. What went wrong besides is told first: an operator has to look at that. */
function endAbandoned(
  exchange: Exchange,
  status: number,
  code: string | undefined,
  detail: string | undefined,
  hints: readonly GivenHint[],
): void {
  const gone = "client-disconnected";
  if (code === undefined) endExchange(exchange, status, 0, gone);
  else endExchange(exchange, status, 0, code, detail === undefined ? gone : `${detail}\n${gone}`, hints);
}

/**
 * As `writeHead` will. But with these statuses it settles first that there is no body: if a header is refused after
 * that, the failure that is written instead would announce a body and have none, and the client would take the next
 * reply on the connection for it.
 * @throws TypeError
 */
function checkHeaders(headers: readonly string[]): void {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    validateHeaderName(headers[index] as string);
    validateHeaderValue(headers[index] as string, headers[index + 1] as string);
  }
}

/** Bytes as a string that Node writes together with the head: any byte is a Latin-1 character. */
function latin1(body: Uint8Array): string {
  const buffer = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return buffer.toString("latin1");
}

function errorJson(
  { message, name, stack }: NonNullable<FailedOutcome["error"]>,
  exposeStacks: boolean,
  given: readonly GivenHint[],
): string {
  const hints = given.length > 0 ? { hints: given } : undefined;
  return JSON.stringify(exposeStacks && stack !== undefined ? { message, name, stack, ...hints } : { message, name });
}

/** For the log: the author's error as he knows it, then what the pool found out. */
function detailOf(outcome: FailedOutcome): string | undefined {
  const { error, detail } = outcome;
  if (error === undefined) return detail;
  const text = error.stack ?? `${error.name}: ${error.message}`;
  return detail === undefined ? text : `${text}\n${detail}`;
}
