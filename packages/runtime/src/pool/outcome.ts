/** Makes the outcome that the caller of a ticket gets. */
import { exchangeSeen } from "../observe/channels.ts";
import type { FromIsolate, SerializedError, WorkerLimits } from "../protocol/messages.ts";
import type { InvocationTimings, FailedOutcome, Outcome } from "./invocation.ts";
import type { Ticket } from "./ticket.ts";

/** @param running number of running invocations, this one included. */
export function outcomeOf(
  ticket: Ticket,
  message: Extract<FromIsolate, { kind: "reply" | "failed" }>,
  body: Buffer,
  running: number,
  limits: WorkerLimits,
): Outcome {
  if (message.kind === "failed") return failedOutcome(ticket, message, running);
  const { status, headers, failure } = message;
  const code = excessOf(headers, body, limits);
  if (code !== undefined) return failedOutcome(ticket, { code }, running);
  const { isCold } = ticket;
  return {
    kind: "reply",
    status,
    headers,
    body,
    running,
    isCold,
    ...(failure && { failure }),
    timings: timingsOf(ticket),
  };
}

/** The worker enforces the limits of replies. But user code runs in the isolate too, and can write to the same pipe. */
function excessOf(
  headers: readonly string[],
  body: Buffer,
  limits: WorkerLimits,
): "reply-headers-too-long" | "reply-too-large" | undefined {
  if (headers.length / 2 > limits.headerCount) return "reply-headers-too-long";
  let headerBytes = 0;
  for (const entry of headers) headerBytes += entry.length;
  if (headerBytes > limits.headerBytes) return "reply-headers-too-long";
  return headerBytes + body.length > limits.replyBytes ? "reply-too-large" : undefined;
}

/** The outcome without a reply from the author's code. */
export function failedOutcome(
  ticket: Ticket,
  { code, error, detail }: { code: FailedOutcome["code"]; error?: SerializedError | undefined; detail?: string },
  running: number,
): FailedOutcome {
  const { isCold } = ticket;
  return {
    kind: "failed",
    code,
    running,
    isCold,
    ...(error && { error }),
    ...(detail !== undefined && { detail }),
    timings: timingsOf(ticket),
  };
}

/** Undefined if exchanges are not observed, or if no isolate had the invocation. */
function timingsOf({ startedAt, repliedAt, loadMs, host, ordinal }: Ticket): InvocationTimings | undefined {
  if (!exchangeSeen.isObserved || host === undefined) return undefined;
  const { pid, launchedAt, readyAt } = host;
  const isReady = readyAt < Infinity;
  const begunAt = isReady ? Math.max(startedAt, readyAt) : startedAt;
  const endedAt = repliedAt || performance.now();
  return {
    pid,
    invocation: ordinal,
    launchedAt,
    readyAt: isReady ? readyAt : undefined,
    startedAt,
    // The isolate may have started to load before this process read that it was ready.
    loadedAt: loadMs && Math.min(begunAt + loadMs, endedAt),
    repliedAt: endedAt,
  };
}
