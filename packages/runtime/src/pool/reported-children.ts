/**
 * The child processes that an isolate reports. Children that lead their own process group are killed with the isolate.
 *
 * User code can report any number, as often as it likes. So only children of the isolate count, each is identified by
 * its number and start time, and lookups are limited in rate.
 */
import { FrameError } from "../protocol/frames.ts";
import { TokenBucket } from "./token-bucket.ts";
import { factsOf } from "./process-stats.ts";
import { signalGroup } from "./process-group.ts";
import type { Reaper } from "./reaper.ts";

/**
 * How many process lookups an isolate may cause at once, and per second. Node starts a few hundred processes a second.
 */
const burstLookups = 1_000;
const lookupsPerSecond = 1_000;
/** Within this time the system does not reuse a number: there are thousands of numbers, and it assigns them in turn. */
const sameProcessMs = 1_000;
/** Maximum number of children at once. More than this is a protocol error. */
const maxChildren = 1_024;
const firstPrune = 64;

interface Child {
  /** When it started. Undefined for a process that is gone, or that is not a child of the isolate. */
  startedAt: string | undefined;
  seenAt: number;
}

export class ReportedChildren {
  readonly #parent: number;
  readonly #reaper: Reaper;
  readonly #children = new Map<number, Child>();
  #pruneAt = firstPrune;
  readonly #lookups = new TokenBucket(burstLookups, lookupsPerSecond);

  /** @param parent the isolate's number. */
  constructor(parent: number, reaper: Reaper) {
    this.#parent = parent;
    this.#reaper = reaper;
  }

  get size(): number {
    return this.#children.size;
  }

  /** @throws FrameError if an isolate reports more processes than it can have started. */
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

  /** Removes children that have ended. */
  #prune(): void {
    for (const [pid, { startedAt }] of this.#children) {
      if (startedAt !== undefined && factsOf(pid)?.startedAt === startedAt) continue;
      this.#children.delete(pid);
      this.#reaper.forget(pid);
    }
    if (this.#children.size > maxChildren) throw new FrameError(`it reports more than ${maxChildren} child processes`);
    this.#pruneAt = Math.max(firstPrune, 2 * this.#children.size);
  }

  /** Kills children that still run and lead a group. The others are in the isolate's group. */
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
