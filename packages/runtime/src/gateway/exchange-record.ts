/**
 * Publishes heads, bodies and timings of an exchange, in addition to its log line. Callers first check whether the
 * channel has a subscriber. Without one, nothing is kept.
 */
import { exchangeBegun, exchangeSeen } from "../observe/channels.ts";
import type { InvocationTimings } from "../pool/invocation.ts";
import { emptyBody } from "./body.ts";
import type { Exchange } from "./exchange.ts";

interface ExchangeRecord {
  /** When the whole body had arrived. */
  receivedAt?: number;
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

export function recordTimings(exchange: Exchange, timings: InvocationTimings): void {
  recordOf(exchange).timings = timings;
}

/** @param headers alternating names and values. */
export function recordReply(exchange: Exchange, headers: readonly string[], body: Uint8Array): void {
  const isHead = exchange.request.method === "HEAD";
  recordOf(exchange).reply = { headers, body: isHead ? emptyBody : body };
}

/** Called when the exchange ends. */
export function publishSeen(exchange: Exchange): void {
  const { service, requestId, target, request, invocation, startedAt } = exchange;
  const { receivedAt, timings, reply } = recordOf(exchange);
  const after = (at: number | undefined): number | undefined => at && at - startedAt;
  exchangeSeen.publish({
    service,
    requestId,
    target,
    headers: request.rawHeaders,
    body: invocation?.body ?? emptyBody,
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

function recordOf(exchange: Exchange): ExchangeRecord {
  let record = records.get(exchange);
  if (record === undefined) records.set(exchange, (record = {}));
  return record;
}
