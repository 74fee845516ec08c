/**
 * Why a slot has ended: left, timed out, out of memory, exited, crashed, not started. Told apart by data, what the
 * pool intended, what the process announced and what the system says of its end, not by guessing.
 */
import type { IsolateEndReason } from "../observe/channels.ts";
import type { IsolateExit } from "./isolate-like.ts";
import type { Ticket } from "./ticket.ts";

export interface SlotEnd {
  readonly reason: IsolateEndReason;
  readonly detail: string;
  /** What to answer the invocations that were lost. */
  readonly code: "process-exited" | "out-of-memory" | "isolate-crashed" | "isolate-not-started" | "server-stopped";
  readonly hadStarted: boolean;
  /** A signal from elsewhere ended it: the fault is neither its own nor the server's. */
  readonly isKilled: boolean;
  /** The invocation it happened in or after, where there was one. */
  readonly ticket: Ticket | undefined;
}

interface IntendedEnd {
  readonly reason: IsolateEndReason;
  readonly detail: string;
}

/** Signals that other processes send, and the system when memory runs out. What a process does wrong itself has others. */
const signalsFromElsewhere: readonly (NodeJS.Signals | null)[] = ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"];

/** @param intended why the pool has ended it, if it has. */
export function describeEnd(
  exit: IsolateExit,
  intended: IntendedEnd | undefined,
  hadStarted: boolean,
): Omit<SlotEnd, "ticket"> {
  const isItsOwn = intended !== undefined || exit.announced !== undefined || exit.protocolError !== undefined;
  const isKilled = !isItsOwn && !exit.isOutOfHeap && signalsFromElsewhere.includes(exit.signal);
  const end = causeOf(exit, intended, hadStarted);
  return { ...end, detail: isKilled ? `${end.detail}, from another process or the system` : end.detail, isKilled };
}

function causeOf(
  exit: IsolateExit,
  intended: IntendedEnd | undefined,
  hadStarted: boolean,
): Omit<SlotEnd, "ticket" | "isKilled"> {
  if (exit.startError !== undefined) {
    return { reason: "start-failed", detail: exit.startError.message, code: "isolate-not-started", hadStarted: false };
  }
  if (exit.protocolError !== undefined) {
    return { reason: "protocol-broken", detail: exit.protocolError.message, code: "isolate-crashed", hadStarted };
  }
  if (intended !== undefined) {
    return { ...intended, code: codeOf(intended.reason, hadStarted), hadStarted };
  }
  const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
  if (exit.isOutOfHeap)
    return { reason: "out-of-memory", detail: `the heap is full (${how})`, code: "out-of-memory", hadStarted };
  if (exit.announced?.how === "error") {
    const why = "an error outside of any invocation, or one in our own code, after a function has changed the language";
    return { reason: "crashed", detail: `${why} (${how})`, code: "isolate-crashed", hadStarted };
  }
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
    detail: hadStarted || exit.stderrTail === "" ? how : `${how}: ${exit.stderrTail}`,
    code: hadStarted ? "isolate-crashed" : "isolate-not-started",
    hadStarted,
  };
}

/** What to answer the invocations that were lost when the pool ended their isolate. */
function codeOf(reason: IsolateEndReason, hadStarted: boolean): SlotEnd["code"] {
  if (reason === "stopped") return "server-stopped";
  if (reason === "out-of-memory") return "out-of-memory";
  return hadStarted ? "isolate-crashed" : "isolate-not-started";
}
