/**
 * Chooses the slot for an invocation, and the idle isolates that end to make room. Decisions only: the pool acts on
 * them.
 */
import { shortMs } from "./duration-estimates.ts";
import type { SlotLike } from "./slot-like.ts";
import type { Ticket } from "./ticket.ts";

/** Maximum number of invocations in the pipe of one isolate, behind the one that runs. */
const maxAhead = 64;
/** Waiting for less work than this in a pipe costs less than waking another process. */
const wakeUpMs = 0.4;
/** If a head runs for longer, the pool takes back the invocations behind it. */
export const slowHeadMs = 10;

/** The properties of a slot that a choice depends on. */
export type SlotView = Pick<
  SlotLike,
  "state" | "hasRoom" | "isRetiring" | "isSettling" | "load" | "expectedMs" | "tickets" | "usedAt" | "function"
>;

export interface ChoiceRules {
  /** Whether an isolate runs the handler of one function only: the function of its first invocation. */
  readonly isPerFunction: boolean;
  /** Whether an invocation may wait in the pipe of an isolate. Code that runs before it could read it there. */
  readonly mayQueue: boolean;
  /** Number of the machine's processors. */
  readonly processors: number;
  /** Number of busy isolates of other pools. */
  readonly busyElsewhere: () => number;
  /** On the pool's clock. */
  readonly now: number;
}

export interface PendingInvocation {
  readonly function: string;
  /** Estimate of how long it will run. */
  readonly expectedMs: number;
}

/**
 * Returns the slot with room that was used last: with fewer isolates in use, each is warmer.
 *
 * A short invocation queues behind others in a pipe instead in three cases:
 * - Its turn comes sooner than another process would wake up.
 * - The invocation before it has replied and only has to settle.
 * - Every processor has a busy isolate.
 */
export function chooseSlot<S extends SlotView>(
  slots: Iterable<S>,
  wanted: PendingInvocation,
  rules: ChoiceRules,
): S | undefined {
  let free: S | undefined;
  let soonest: S | undefined;
  let soonestMs = Infinity;
  let busy = 0;
  for (const slot of slots) {
    if (rules.isPerFunction && slot.function !== undefined && slot.function !== wanted.function) continue;
    if (slot.hasRoom) {
      if (free === undefined || isBetter(slot, free)) free = slot;
    } else if (slot.state === "busy" && !slot.isRetiring) {
      busy++;
      if (!rules.mayQueue || wanted.expectedMs >= shortMs || !hasQueueRoom(slot, rules.now)) continue;
      if (slot.isSettling) return slot;
      const waitMs = slot.expectedMs;
      if (waitMs < wakeUpMs) return slot;
      if (waitMs < soonestMs) {
        soonest = slot;
        soonestMs = waitMs;
      }
    }
  }
  if (soonest === undefined || free === undefined) return soonest ?? free;
  return busy + rules.busyElsewhere() >= rules.processors ? soonest : free;
}

function hasQueueRoom(slot: SlotView, now: number): boolean {
  if (slot.load > maxAhead) return false;
  const [head] = slot.tickets;
  return head !== undefined && head.expectedMs < shortMs && now - head.startedAt <= slowHeadMs;
}

/** A warm slot is better than one that still loads. Among warm slots, the one that was used last is best. */
function isBetter(slot: SlotView, than: SlotView): boolean {
  if ((slot.state === "warming") !== (than.state === "warming")) return than.state === "warming";
  return slot.usedAt > than.usedAt;
}

/** The isolate to end so that another function can have one: the idle one that was used least recently. */
export function chooseEvicted<S extends SlotView>(slots: Iterable<S>, wanted: PendingInvocation): S | undefined {
  let oldest: S | undefined;
  for (const slot of slots) {
    if (slot.state !== "idle" || slot.function === undefined || slot.function === wanted.function) continue;
    if (oldest === undefined || slot.usedAt < oldest.usedAt) oldest = slot;
  }
  return oldest;
}

/** How many isolates are needed to run all of these at once. */
export function isolatesFor(queue: readonly Ticket[], concurrency: number, isPerFunction: boolean): number {
  if (!isPerFunction) return Math.ceil(queue.length / concurrency);
  const counts = new Map<string, number>();
  for (const { invocation } of queue) counts.set(invocation.function, (counts.get(invocation.function) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum + Math.ceil(count / concurrency), 0);
}
