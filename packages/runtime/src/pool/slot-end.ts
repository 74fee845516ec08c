/**
 * Why a slot has ended: left, timed out, out of memory, exited, crashed, not started. Told apart by data, what the
 * pool intended, what the process announced and what the system says of its end, not by guessing.
 */
import type { IsolateEndReason } from "../observe/channels.ts";
import type { IsolateExit } from "./isolate.ts";
import type { Ticket } from "./ticket.ts";

export interface SlotEnd {
  readonly reason: IsolateEndReason;
  readonly detail: string;
  /** What to answer the invocations that were lost. */
  readonly code: "process-exited" | "out-of-memory" | "isolate-crashed" | "isolate-not-started";
  readonly hadStarted: boolean;
  /** The invocation it happened in or after, where there was one. */
  readonly ticket: Ticket | undefined;
}

export function describeEnd(
  exit: IsolateExit,
  intended: { reason: IsolateEndReason; detail: string } | undefined,
  hadStarted: boolean,
): Omit<SlotEnd, "ticket"> {
  if (exit.startError !== undefined) {
    return { reason: "start-failed", detail: exit.startError.message, code: "isolate-not-started", hadStarted: false };
  }
  if (exit.protocolError !== undefined) {
    return { reason: "protocol-broken", detail: exit.protocolError.message, code: "isolate-crashed", hadStarted };
  }
  if (intended !== undefined) {
    const code =
      intended.reason === "out-of-memory" ? "out-of-memory" : hadStarted ? "isolate-crashed" : "isolate-not-started";
    return { ...intended, code, hadStarted };
  }
  const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
  if (exit.isOutOfHeap)
    return { reason: "out-of-memory", detail: `the heap is full (${how})`, code: "out-of-memory", hadStarted };
  if (exit.announced !== undefined) {
    const calls = { exit: "process.exit()", abort: "process.abort()", kill: "process.kill() on itself" };
    return {
      reason: "exited",
      detail: `it called ${calls[exit.announced.how]} (${how})`,
      code: "process-exited",
      hadStarted,
    };
  }
  return {
    reason: hadStarted ? "crashed" : "start-failed",
    // What keeps a process from starting is said by the shell that starts it, or by Node.
    detail: hadStarted || exit.lastWords === "" ? how : `${how}: ${exit.lastWords}`,
    code: hadStarted ? "isolate-crashed" : "isolate-not-started",
    hadStarted,
  };
}
