/**
 * Whether an isolate that has replied, and has not reported what is left, runs on: user code keeps its event loop busy, or
 * blocks it. On a crowded machine the isolate may only wait for a processor. To end it then would crowd the machine more, and
 * the next call would find a cold isolate.
 */
import type { IsolateLike } from "./isolate-like.ts";

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
  /** When its main thread was last seen to run, or to wait for a processor, on the pool's clock. */
  runnableAt: number;
}

/** An invocation that has replied. */
export interface Unsettled {
  /** On the pool's clock. */
  readonly repliedAt: number;
  settling?: Settling | undefined;
}

/**
 * Called every few milliseconds until the isolate settles. Where its main thread cannot be looked at, it has `settleMs`.
 * @param now on the pool's clock
 */
export function keepsRunning(ticket: Unsettled, isolate: Pick<IsolateLike, "mainThread">, now: number): boolean {
  const sinceMs = now - ticket.repliedAt;
  if (sinceMs < settleMs) return false;
  const thread = isolate.mainThread();
  if (thread === undefined) return true;
  const settling = (ticket.settling ??= { cpuMsBefore: thread.cpuMs, runnableAt: ticket.repliedAt });
  if (thread.isRunnable) settling.runnableAt = now;
  if (thread.cpuMs - settling.cpuMsBefore > busyCpuMs) return true;
  return now - settling.runnableAt > blockedMs || sinceMs > starvedMs;
}
