/** Chooses the idle isolates that end because nothing needs them. Decisions only: the pool acts on them. */
import type { SlotLike } from "./slot-like.ts";

export interface IdleRules {
  /** Whether an isolate runs the handler of one function only: the function of its first invocation. */
  readonly isPerFunction: boolean;
  /**
   * How many idle isolates are kept: this many that any function can use, and this many that belong to one function.
   */
  readonly spares: number;
  readonly idleTimeoutMs: number;
}

export interface IdleChoice<S> {
  /** Isolates that have been idle for too long, the least recently used first. */
  readonly expired: readonly S[];
  /** Whether more isolates will expire later. */
  readonly hasSurplus: boolean;
}

export function chooseExpired<S extends Pick<SlotLike, "state" | "load" | "function" | "idleSince" | "usedAt">>(
  slots: Iterable<S>,
  { isPerFunction, spares, idleTimeoutMs }: IdleRules,
  now: number,
): IdleChoice<S> {
  /** Isolates that any function can use, and isolates that belong to one function. */
  const idle = { open: [] as S[], bound: [] as S[] };
  for (const slot of slots) {
    if (slot.load > 0 || slot.state !== "idle") continue;
    idle[isPerFunction && slot.function !== undefined ? "bound" : "open"].push(slot);
  }
  const expired: S[] = [];
  let surplus = 0;
  for (const each of [idle.open, idle.bound]) {
    const beyond = Math.max(0, each.length - spares);
    surplus += beyond;
    const tooLong = each.filter(({ idleSince }) => now - idleSince > idleTimeoutMs);
    expired.push(...tooLong.toSorted((a, b) => a.usedAt - b.usedAt).slice(0, beyond));
  }
  return { expired, hasSurplus: surplus > 0 };
}
