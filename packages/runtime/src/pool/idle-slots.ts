/** Which idle isolates end because nothing needs them. Decisions only: the pool acts on them. */
import type { SlotLike } from "./slot-like.ts";

export interface IdleRules {
  /** An isolate runs the handler of one function only, the first that it is given. */
  readonly isPerFunction: boolean;
  /** Idle isolates that are kept: of those that any function can have, and of those that belong to one, each so many. */
  readonly spares: number;
  readonly idleTimeoutMs: number;
}

export interface IdleChoice<S> {
  /** Idle for too long: the one that was used longest ago first. */
  readonly expired: readonly S[];
  /** Whether others will be, some time. */
  readonly hasSurplus: boolean;
}

export function chooseExpired<S extends Pick<SlotLike, "state" | "load" | "function" | "idleSince" | "usedAt">>(
  slots: Iterable<S>,
  { isPerFunction, spares, idleTimeoutMs }: IdleRules,
  now: number,
): IdleChoice<S> {
  /** Those that any function can have, and those that belong to one already. */
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
