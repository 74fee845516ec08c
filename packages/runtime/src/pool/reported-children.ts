/**
 * The child processes that an isolate reports, so that those which lead a group of their own end with it.
 *
 * User code can report any number, as often as it likes. So only children of the isolate count, each is known by its number
 * and its start, and looking at them has a bounded rate.
 */
import { FrameError } from "../protocol/frames.ts";
import { TokenBucket } from "./token-bucket.ts";
import { factsOf } from "./process-stats.ts";
import { signalGroup } from "./process-group.ts";
import type { Reaper } from "./reaper.ts";

/** Looks at processes that an isolate may cause at once, and each second. Node starts some hundred processes a second. */
const burstLookups = 1_000;
const lookupsPerSecond = 1_000;
/** Within this time, no number is given to another process: there are thousands of numbers, and they are given in turn. */
const sameProcessMs = 1_000;
/** More children than this at once are none. */
const maxChildren = 1_024;
const firstPrune = 64;

interface Child {
  /** When it started; undefined for a process that is gone, or is no child of the isolate. */
  startedAt: string | undefined;
  seenAt: number;
}

export class ReportedChildren {
  readonly #parent: number;
  readonly #reaper: Reaper;
  readonly #children = new Map<number, Child>();
  #pruneAt = firstPrune;
  readonly #lookups = new TokenBucket(burstLookups, lookupsPerSecond);

  /** @param parent the isolate. */
  constructor(parent: number, reaper: Reaper) {
    this.#parent = parent;
    this.#reaper = reaper;
  }

  get size(): number {
    return this.#children.size;
  }

  /** @throws FrameError where an isolate reports more processes than it can have started. */
  add(pid: number): void {
    const now = performance.now();
    const child = this.#children.get(pid);
    if (child !== undefined && now - child.seenAt < sameProcessMs) return;
    if (!this.#lookups.take()) throw new FrameError("it reports more child processes than can have been started");
    const facts = factsOf(pid);
    const startedAt = facts?.parent === this.#parent ? facts.startedAt : undefined;
    if (child?.startedAt !== undefined && child.startedAt !== startedAt) this.#reaper.forget(pid);
    this.#children.set(pid, { startedAt, seenAt: now });
    if (startedAt !== undefined && facts?.group === pid) this.#reaper.watchChild(pid, startedAt);
    if (this.#children.size > this.#pruneAt) this.#prune();
  }

  /** Forgets those that have ended. */
  #prune(): void {
    for (const [pid, { startedAt }] of this.#children) {
      if (startedAt !== undefined && factsOf(pid)?.startedAt === startedAt) continue;
      this.#children.delete(pid);
      this.#reaper.forget(pid);
    }
    if (this.#children.size > maxChildren) throw new FrameError(`it reports more than ${maxChildren} child processes`);
    this.#pruneAt = Math.max(firstPrune, 2 * this.#children.size);
  }

  /** Ends those that still run and lead a group: the others are in the isolate's group. */
  end(): void {
    for (const [pid, { startedAt }] of this.#children) {
      if (startedAt === undefined) continue;
      const facts = factsOf(pid);
      if (facts?.startedAt === startedAt && facts.group === pid) signalGroup(pid, "SIGKILL");
      this.#reaper.forget(pid);
    }
    this.#children.clear();
  }
}
