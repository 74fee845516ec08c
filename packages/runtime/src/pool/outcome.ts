/** What becomes of a ticket, as its caller is told. */
import { exchangeSeen } from "../observe/channels.ts";
import type { FromIsolate, SerializedError } from "../protocol/messages.ts";
import type { Course, FailedOutcome, Outcome } from "./invocation.ts";
import { accountsOf, type Ticket } from "./ticket.ts";

/** @param running invocations, this one included. */
export function outcomeOf(
  ticket: Ticket,
  message: Extract<FromIsolate, { kind: "reply" | "failed" }>,
  body: Buffer,
  running: number,
): Outcome {
  if (message.kind === "failed") return failedOutcome(ticket, message, running);
  const { status, headers, failure } = message;
  const { isCold } = ticket;
  return {
    kind: "reply",
    status,
    headers,
    body,
    running,
    isCold,
    ...(failure && { failure }),
    course: courseOf(ticket),
  };
}

/** There is no reply of the author's. */
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
    accounts: accountsOf(ticket),
    course: courseOf(ticket),
  };
}

/** Undefined where nobody watches, or no isolate had it. */
function courseOf({ startedAt, repliedAt, loadMs, host, ordinal }: Ticket): Course | undefined {
  if (!exchangeSeen.isObserved || host === undefined) return undefined;
  const { pid, launchedAt, readyAt } = host;
  const isReady = readyAt < Infinity;
  const begunAt = isReady ? Math.max(startedAt, readyAt) : startedAt;
  return {
    pid,
    invocation: ordinal,
    launchedAt,
    readyAt: isReady ? readyAt : undefined,
    startedAt,
    loadedAt: loadMs && begunAt + loadMs,
    repliedAt: repliedAt || performance.now(),
  };
}
