/**
 * Publishes heads, bodies and timings of an exchange, in addition to its log line. Callers first check whether the
 * channel has a subscriber. Without one, nothing is kept.
 */
import { exchangeBegun, exchangeSeen } from "../observe/channels.ts";
import type { InvocationTimings } from "../pool/invocation.ts";
import { emptyBody } from "./body.ts";
import type { Exchange } from "./exchange.ts";
import { announcedBodyBytes } from "./limits.ts";

interface ExchangeRecord {
  /** When the whole body had arrived. */
  receivedAt?: number;
  /** Why the body was not read. */
  unreadBody?: string;
  timings?: InvocationTimings;
  reply?: { readonly headers: readonly string[]; readonly body: Uint8Array };
}

const records = new WeakMap<Exchange, ExchangeRecord>();

/** Called as soon as the service of the request is known, or when the request is rejected before that. */
export function publishBegun({ service, requestId, request, target, startedAt }: Exchange): void {
  const at = Math.round(Date.now() - (performance.now() - startedAt));
  exchangeBegun.publish({ service, requestId, at, method: request.method ?? "", target });
}

export function recordArrival(exchange: Exchange): void {
  recordOf(exchange).receivedAt = performance.now();
}

/** @param reason completes the sentence "The body was not read: …". */
export function recordUnreadBody(exchange: Exchange, reason: string): void {
  recordOf(exchange).unreadBody = reason;
}

export function recordTimings(exchange: Exchange, timings: InvocationTimings): void {
  recordOf(exchange).timings = timings;
}

/** @param headers alternating names and values. */
export function recordReply(exchange: Exchange, headers: readonly string[], body: Uint8Array): void {
  const isHead = exchange.request.method === "HEAD";
  recordOf(exchange).reply = { headers, body: isHead ? emptyBody : body };
}

/** Called when the exchange ends. @param code of the ledger, if it failed. */
export function publishSeen(exchange: Exchange, code: string | undefined): void {
  const { service, requestId, target, request, body, startedAt } = exchange;
  const { receivedAt, timings, reply, unreadBody = unreadReason(exchange, receivedAt, code) } = recordOf(exchange);
  const after = (at: number | undefined): number | undefined => at && at - startedAt;
  exchangeSeen.publish({
    service,
    requestId,
    target,
    headers: request.rawHeaders,
    body,
    ...(unreadBody !== undefined && { unreadBody }),
    ...(reply && { reply }),
    moments: {
      received: after(receivedAt),
      launched: after(timings?.launchedAt),
      ready: after(timings?.readyAt),
      started: after(timings?.startedAt),
      loaded: after(timings?.loadedAt),
      replied: after(timings?.repliedAt),
    },
    ...(timings && { isolate: { pid: timings.pid, invocation: timings.invocation } }),
  });
}

function unreadReason(
  { request }: Exchange,
  receivedAt: number | undefined,
  code: string | undefined,
): string | undefined {
  if (receivedAt !== undefined || announcedBodyBytes(request) === 0) return undefined;
  if (code === "request-too-large") return "it is larger than the limit";
  return code === "request-malformed" || code === "request-timed-out"
    ? "the connection ended before it was complete"
    : "the request was rejected first";
}

function recordOf(exchange: Exchange): ExchangeRecord {
  let record = records.get(exchange);
  if (record === undefined) records.set(exchange, (record = {}));
  return record;
}
