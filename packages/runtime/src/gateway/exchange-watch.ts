/**
 * What is published about an exchange besides its log line: heads, bodies and timings. Callers ask first whether the channel
 * has a subscriber. Without one nothing is kept.
 */
import { exchangeBegun, exchangeSeen } from "../observe/channels.ts";
import type { Course } from "../pool/invocation.ts";
import { emptyBody } from "./body.ts";
import type { Exchange } from "./exchange.ts";

interface Parts {
  /** When all of the body had arrived. */
  receivedAt?: number;
  course?: Course;
  reply?: { readonly headers: readonly string[]; readonly body: Uint8Array };
}

const parts = new WeakMap<Exchange, Parts>();

/** Called once the service of the request is known, or once the request is refused before that. */
export function publishBegun({ service, requestId, request, target, startedAt }: Exchange): void {
  const at = Math.round(Date.now() - (performance.now() - startedAt));
  exchangeBegun.publish({ service, requestId, at, method: request.method ?? "", target });
}

export function watchBody(exchange: Exchange): void {
  partsOf(exchange).receivedAt = performance.now();
}

export function watchCourse(exchange: Exchange, course: Course): void {
  partsOf(exchange).course = course;
}

/** @param headers names and values in turn. */
export function watchReply(exchange: Exchange, headers: readonly string[], body: Uint8Array): void {
  const isHead = exchange.request.method === "HEAD";
  partsOf(exchange).reply = { headers, body: isHead ? emptyBody : body };
}

/** Called when the exchange ends. */
export function publishSeen(exchange: Exchange): void {
  const { service, requestId, target, request, invocation, startedAt } = exchange;
  const { receivedAt, course, reply } = partsOf(exchange);
  const after = (moment: number | undefined): number | undefined => moment && moment - startedAt;
  exchangeSeen.publish({
    service,
    requestId,
    target,
    headers: request.rawHeaders,
    body: invocation?.body ?? emptyBody,
    ...(reply && { reply }),
    moments: {
      received: after(receivedAt),
      launched: after(course?.launchedAt),
      ready: after(course?.readyAt),
      started: after(course?.startedAt),
      loaded: after(course?.loadedAt),
      replied: after(course?.repliedAt),
    },
    ...(course && { isolate: { pid: course.pid, invocation: course.invocation } }),
  });
}

function partsOf(exchange: Exchange): Parts {
  let known = parts.get(exchange);
  if (known === undefined) parts.set(exchange, (known = {}));
  return known;
}
