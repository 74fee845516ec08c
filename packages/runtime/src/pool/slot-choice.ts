/**
 * Which slot takes an invocation, and which idle isolates end to make room. Decisions only: the pool acts on them.
 */
import { shortMs } from "./duration-estimates.ts";
import type { SlotLike } from "./slot-like.ts";
import type { Ticket } from "./ticket.ts";

/** Invocations that may wait in the pipe of one isolate, behind the one that runs. */
const maxAhead = 64;
/** Waiting for less work than this in a pipe costs less than waking another process. */
const wakeUpMs = 0.4;
/** A head that runs for longer holds up those behind it: they are taken back. */
export const slowHeadMs = 10;

/** What a choice looks at. */
export type SlotView = Pick<
  SlotLike,
  "state" | "hasRoom" | "isRetiring" | "isSettling" | "load" | "expectedMs" | "tickets" | "usedAt" | "function"
>;

export interface ChoiceRules {
  /** An isolate runs the handler of one function only, the first that it is given. */
  readonly isPerFunction: boolean;
  /** Whether an invocation may wait in the pipe of an isolate, where code that runs before it could read it. */
  readonly mayQueue: boolean;
  /** The machine's processors. */
  readonly processors: number;
  /** Isolates of other pools that are at work. */
  readonly busyElsewhere: () => number;
  /** On the pool's clock. */
  readonly now: number;
}

export interface PendingInvocation {
  readonly function: string;
  /** About how long it will run. */
  readonly expectedMs: number;
}

/**
 * A slot with room, the one used last first: the fewer isolates, the warmer. A short invocation goes behind others in a
 * pipe instead where its turn comes sooner than another process would be awake, where the one before it has replied already
 * and only has to come to rest, or as soon as every processor has an isolate to work on.
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

/** A warm slot is better than one that still loads; among warm ones, the one that was used last. */
function isBetter(slot: SlotView, than: SlotView): boolean {
  if ((slot.state === "warming") !== (than.state === "warming")) return than.state === "warming";
  return slot.usedAt > than.usedAt;
}

/** The isolate to end so that another function can have one: idle, and not used for longest. */
export function chooseEvicted<S extends SlotView>(slots: Iterable<S>, wanted: PendingInvocation): S | undefined {
  let oldest: S | undefined;
  for (const slot of slots) {
    if (slot.state !== "idle" || slot.function === undefined || slot.function === wanted.function) continue;
    if (oldest === undefined || slot.usedAt < oldest.usedAt) oldest = slot;
  }
  return oldest;
}

/** How many isolates it takes to run all of these at once. */
export function isolatesFor(queue: readonly Ticket[], concurrency: number, isPerFunction: boolean): number {
  if (!isPerFunction) return Math.ceil(queue.length / concurrency);
  const counts = new Map<string, number>();
  for (const { invocation } of queue) counts.set(invocation.function, (counts.get(invocation.function) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum + Math.ceil(count / concurrency), 0);
}
