/**
 * Why a slot has ended: leftovers, timeout, out of memory, exit, crash, or a start that failed. The reason follows from
 * data and not from guesses: the pool's intention, the process's announcement, and the system's report of its exit.
 */
import type { IsolateEndReason } from "../observe/channels.ts";
import type { IsolateExit } from "./isolate-like.ts";
import type { Ticket } from "./ticket.ts";

export interface SlotEnd {
  readonly reason: IsolateEndReason;
  readonly detail: string;
  /** The error code for the invocations that were lost. */
  readonly code: "process-exited" | "out-of-memory" | "isolate-crashed" | "isolate-not-started" | "server-stopped";
  readonly hadStarted: boolean;
  /**
   * Whether a signal from another process or the system ended it. Then neither the isolate nor the server is at fault.
   */
  readonly isKilled: boolean;
  /** The invocation that ran at the end, or the one before it, if there was one. */
  readonly ticket: Ticket | undefined;
}

interface IntendedEnd {
  readonly reason: IsolateEndReason;
  readonly detail: string;
}

/** Signals that other processes send, or the system when memory runs out. A process that crashes gets other signals. */
const signalsFromElsewhere: readonly (NodeJS.Signals | null)[] = ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"];

/** @param intended why the pool ended the isolate, if it did. */
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
    const why =
      "an error outside of any invocation, or in Offhook's own code after a function changed JavaScript built-ins";
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
    // If a process cannot start, the shell that starts it, or Node, writes the reason to standard error.
    detail: hadStarted || exit.stderrTail === "" ? how : `${how}: ${exit.stderrTail}`,
    code: hadStarted ? "isolate-crashed" : "isolate-not-started",
    hadStarted,
  };
}

/** The error code for the invocations that were lost when the pool ended their isolate. */
function codeOf(reason: IsolateEndReason, hadStarted: boolean): SlotEnd["code"] {
  if (reason === "stopped") return "server-stopped";
  if (reason === "out-of-memory") return "out-of-memory";
  return hadStarted ? "isolate-crashed" : "isolate-not-started";
}
