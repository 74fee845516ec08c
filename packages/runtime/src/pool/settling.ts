/**
 * Decides whether an isolate that has replied but not settled keeps running: user code keeps its event loop busy, or
 * blocks it. On a crowded machine, the isolate may only be waiting for a processor. Ending it then would crowd the
 * machine more, and the next call would find a cold isolate.
 */
import type { IsolateLike } from "./isolate-like.ts";

/** How long after its reply an isolate may take to report leftovers. */
const settleMs = 50;
/** User code that keeps running uses more CPU time than this. Comparing the realm and collecting garbage use less. */
const busyCpuMs = 100;
/** An isolate that neither runs nor waits for a processor for this long is blocked. */
const blockedMs = 1_100;
/** No crowded machine makes an isolate wait longer than this. */
const starvedMs = 10_000;

/** The state of an isolate that has not settled yet. */
export interface Settling {
  /** CPU time of its main thread at the first check. */
  readonly cpuMsBefore: number;
  /** When its main thread last ran or waited for a processor, on the pool's clock. */
  runnableAt: number;
}

/** An invocation that has replied. */
export interface Unsettled {
  /** On the pool's clock. */
  readonly repliedAt: number;
  settling?: Settling | undefined;
}

/**
 * Called every few milliseconds until the isolate settles. If the state of its main thread is unknown, only `settleMs`
 * applies.
 * @param now on the pool's clock.
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
