/**
 * Decides which user the isolates of an environment run as. Each environment has its own user, from a range that no
 * distribution assigns. No two environments have the same user, in this process or in another server on this machine.
 *
 * An environment gets the user that it had before, so that functions find their files again. If it had none, it gets a
 * user that was never assigned, or one whose last environment has left no process and no file. If there is none, it
 * waits.
 */
import { notices } from "../observe/channels.ts";
import { systemClock, type Clock } from "./clock.ts";
import { userRange, type IsolateUser } from "./isolate-user.ts";
import { UserClaims, type Claim, type ClaimRecord } from "./user-claims.ts";
import { usersWithTraces } from "./user-traces.ts";

/** The right to run isolates as a user. */
export interface UserLease {
  readonly user: IsolateUser;
  /** Call this when no process of the environment runs any more. */
  release(): void;
}

/** Where a pool gets the user of its isolates from. */
export interface UserSource {
  /** Resolves when a user is available. @param signal ends the wait, and the promise rejects. */
  acquire(signal: AbortSignal): UserLease | Promise<UserLease>;
}

export interface UserLeasesOptions {
  /** The numbers to assign. Each is also the number of a group. Called once, when the first one is needed. */
  readonly range?: () => readonly number[];
  readonly claims?: UserClaims;
  /** Which of these users have processes or files. */
  readonly tracesOf?: (uids: ReadonlySet<number>) => Promise<ReadonlySet<number>>;
  readonly clock?: Clock;
}

/** How long to wait before the next search for a free user: other servers do not report that they release one. */
const retryMs = 1_000;

interface Grant {
  readonly claim: Claim;
  /** Number of pools of the environment that have it: the old and the new one, while one replaces the other. */
  holders: number;
}

interface Survey {
  /** The records from before the search for traces. Users whose records have changed since are not claimed. */
  readonly records: readonly ClaimRecord[];
  /** Users that nobody has and that left no traces, in the order to assign them. */
  readonly free: readonly number[];
}

export class UserLeases {
  readonly #range: () => readonly number[];
  #rangeSet: ReadonlySet<number> | undefined;
  readonly #claims: UserClaims;
  readonly #tracesOf: (uids: ReadonlySet<number>) => Promise<ReadonlySet<number>>;
  readonly #clock: Clock;
  readonly #grants = new Map<string, Grant>();
  /** Users that this process holds. Saves reading the folder. */
  readonly #claimed = new Set<number>();
  /** The current search. Environments that need a user meanwhile share its result. */
  #survey: Promise<Survey> | undefined;
  /** Functions that end the pauses of waiting environments. */
  readonly #wakeUps = new Set<() => void>();
  #hasWarned = false;

  constructor({
    range = userRange,
    claims = new UserClaims(),
    tracesOf = usersWithTraces,
    clock = systemClock,
  }: UserLeasesOptions = {}) {
    this.#range = range;
    this.#claims = claims;
    this.#tracesOf = tracesOf;
    this.#clock = clock;
  }

  get #uids(): ReadonlySet<number> {
    return (this.#rangeSet ??= new Set(this.#range()));
  }

  /** The user of an environment, for its pools. */
  sourceFor(environmentSid: string): UserSource {
    return { acquire: (signal) => this.#acquire(environmentSid, signal) };
  }

  /**
   * The user that a service's setting names. The operator decides, so several services may name the same user. While it
   * is in use, no other environment gets it automatically.
   */
  sourceOf(user: IsolateUser, environmentSid: string): UserSource {
    return {
      acquire: () => {
        const isOurs = this.#uids.has(user.uid);
        const claim = isOurs ? this.#claim(user.uid, environmentSid, this.#claims.list()) : undefined;
        return { user, release: () => claim?.release() };
      },
    };
  }

  #acquire(environment: string, signal: AbortSignal): UserLease | Promise<UserLease> {
    const claim = this.#grants.get(environment)?.claim ?? this.#reclaim(environment, this.#claims.list());
    return claim === undefined ? this.#search(environment, signal) : this.#grant(environment, claim);
  }

  #grant(environment: string, claim: Claim): UserLease {
    const grant = this.#grants.get(environment) ?? { claim, holders: 0 };
    this.#grants.set(environment, grant);
    grant.holders++;
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      if (--grant.holders > 0) return;
      this.#grants.delete(environment);
      grant.claim.release();
      for (const wakeUp of this.#wakeUps) wakeUp();
    };
    return { user: { uid: grant.claim.uid, gid: grant.claim.uid }, release };
  }

  async #search(environment: string, signal: AbortSignal): Promise<UserLease> {
    for (;;) {
      // Without free descriptors it is unknown which users are free. Treat all as taken, and search again.
      const found = await this.#findFree(environment).catch(() => undefined);
      // Another pool of the environment may have got a user meanwhile. Then both use it.
      const ownClaim = this.#grants.get(environment)?.claim;
      if (ownClaim !== undefined || signal.aborted) found?.release();
      signal.throwIfAborted();
      const claim = ownClaim ?? found;
      if (claim !== undefined) return this.#grant(environment, claim);
      this.#warn();
      await this.#pause(signal);
      signal.throwIfAborted();
    }
  }

  /** Claims the user whose last environment was this one. Its processes and files may still exist. */
  #reclaim(environment: string, records: readonly ClaimRecord[]): Claim | undefined {
    const held = new Set(records.filter(({ isHeld }) => isHeld).map(({ uid }) => uid));
    const others = new Set(records.filter((record) => record.environment !== environment).map(({ uid }) => uid));
    const own = records.filter(({ uid }) => !others.has(uid) && this.#uids.has(uid));
    for (const uid of own.map((record) => record.uid).toSorted((a, b) => a - b)) {
      const claim = held.has(uid) ? undefined : this.#claim(uid, environment, records);
      if (claim !== undefined) return claim;
    }
    return undefined;
  }

  async #findFree(environment: string): Promise<Claim | undefined> {
    const own = this.#reclaim(environment, this.#claims.list());
    if (own !== undefined) return own;
    const { records, free } = await (this.#survey ??= this.#takeSurvey().finally(() => (this.#survey = undefined)));
    for (const uid of free) {
      const claim = this.#claim(uid, environment, records);
      if (claim !== undefined) return claim;
    }
    return undefined;
  }

  async #takeSurvey(): Promise<Survey> {
    const records = this.#claims.list();
    const held = new Set(records.filter(({ isHeld }) => isHeld).map(({ uid }) => uid));
    const candidates = new Set([...this.#uids].filter((uid) => !held.has(uid)));
    const traces = await this.#tracesOf(candidates);
    // Users that were never assigned come first, then the one that was released longest ago.
    const changedAt = new Map(records.map((record) => [record.uid, this.#claims.changedAt(record)]));
    const free = [...candidates].filter((uid) => !traces.has(uid));
    free.sort((a, b) => (changedAt.get(a) ?? 0) - (changedAt.get(b) ?? 0) || a - b);
    return { records, free };
  }

  #claim(uid: number, environment: string, records: readonly ClaimRecord[]): Claim | undefined {
    if (this.#claimed.has(uid)) return undefined;
    const claim = this.#claims.claim(uid, environment, records);
    if (claim === undefined) return undefined;
    this.#claimed.add(uid);
    const release = (): void => {
      this.#claimed.delete(uid);
      claim.release();
    };
    return { uid, release };
  }

  #pause(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        this.#wakeUps.delete(end);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const cancel = this.#clock.after(retryMs, end);
      this.#wakeUps.add(end);
      signal.addEventListener("abort", end);
    });
  }

  #warn(): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const message = `All ${this.#uids.size} users for isolates are in use, or have files in /tmp. Services without a user wait for one`;
    notices.publish({ level: "warn", code: "isolate-user-unavailable", message });
  }
}
