/**
 * Whether an isolate that has replied, and has not reported what is left, runs on: user code keeps its event loop busy, or
 * blocks it. On a crowded machine the isolate may only wait for a processor. To end it then would crowd the machine more, and
 * the next call would find a cold isolate.
 */
import { mainThreadOf, type MainThread } from "./process-stats.ts";

/** After its reply, an isolate has this long to report what is left. */
const settleMs = 50;
/** User code that runs on uses more CPU time than this. To compare the whole realm takes some of it, and so does garbage. */
const busyCpuMs = 100;
/** An isolate that neither runs nor waits for a processor for so long is blocked. */
const blockedMs = 1_100;
/** No machine is so crowded for so long. */
const starvedMs = 10_000;

/** What is known of an isolate that has not settled yet. */
export interface Settling {
  /** CPU time of its main thread when this was first asked. */
  readonly cpuMsBefore: number;
  /** `performance.now()` when its main thread was last seen to run, or to wait for a processor. */
  runnableAt: number;
}

/** An invocation that has replied. */
export interface Unsettled {
  /** `performance.now()` */
  readonly repliedAt: number;
  settling?: Settling | undefined;
}

/**
 * Called every few milliseconds until the isolate settles.
 * @param pid of its isolate. @param now `performance.now()`
 * @param look reads the state of the main thread. Where it cannot be read, the isolate has `settleMs`.
 */
export function keepsRunning(
  ticket: Unsettled,
  pid: number,
  now: number,
  look: (pid: number) => MainThread | undefined = mainThreadOf,
): boolean {
  const sinceMs = now - ticket.repliedAt;
  if (sinceMs < settleMs) return false;
  const thread = look(pid);
  if (thread === undefined) return true;
  const settling = (ticket.settling ??= { cpuMsBefore: thread.cpuMs, runnableAt: ticket.repliedAt });
  if (thread.isRunnable) settling.runnableAt = now;
  if (thread.cpuMs - settling.cpuMsBefore > busyCpuMs) return true;
  return now - settling.runnableAt > blockedMs || sinceMs > starvedMs;
}
