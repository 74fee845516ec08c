/**
 * The isolates of one pool: how many are needed, and when the next one starts. A start waits for three things: a user
 * to run as, the end of the pause after a failed start, and the pool's turn on this machine.
 */
import type { Cancel } from "./clock.ts";
import type { BudgetMember, MachineBudget, StartNeed } from "./machine-budget.ts";
import type { PoolOptions } from "./pool-options.ts";
import type { SlotEnd } from "./slot-end.ts";
import type { SlotLike } from "./slot-like.ts";
import { StartBackoff } from "./start-backoff.ts";
import type { UserLease } from "./user-leases.ts";

/**
 * How long to wait before replacing a spare that has just been used. A start uses CPU time that the invocation needs,
 * and the isolate may soon be idle again.
 */
const spareDelayMs = 10;

/** The pool, as its supply sees it. */
export interface Demand {
  /** Number of isolates needed to run all queued invocations at once. */
  readonly isolatesWanted: number;
  /** Whether invocations run, or ran a short time ago. */
  readonly isInUse: boolean;
  /** When the last invocation was admitted or ended. */
  readonly lastUsedAt: number;
  /** Number of invocations that an isolate runs at once. */
  readonly isolateConcurrency: number;
}

export class SlotSupply implements BudgetMember {
  /** All slots whose process is not gone. */
  readonly slots = new Set<SlotLike>();
  readonly #options: PoolOptions;
  readonly #demand: Demand;
  readonly #start: (user: UserLease["user"] | undefined) => SlotLike;
  readonly #budget: MachineBudget;
  readonly #backoff: StartBackoff;
  /** Slots that the budget counts as starting. */
  readonly #starting = new Set<SlotLike>();
  /** Slots that are not ready yet. */
  readonly #unready = new Set<SlotLike>();
  #cancelTimer: Cancel | undefined;
  #lease: UserLease | undefined;
  #leaseRequest: AbortController | undefined;
  /** The minimum number of idle isolates, even if fewer spares are configured. */
  minIdle = 0;
  /** Whether the pool stops, and needs no spares. */
  isStopping = false;
  #isKilled = false;

  constructor(options: PoolOptions, demand: Demand, start: (user: UserLease["user"] | undefined) => SlotLike) {
    this.#options = options;
    this.#demand = demand;
    this.#start = start;
    this.#budget = options.budget;
    this.#backoff = new StartBackoff(options.budget.clock.now);
  }

  /** Number of idle isolates to keep ready now. */
  get spares(): number {
    const { spares, keepsSpares } = this.#options;
    if (this.isStopping) return 0;
    return Math.max(keepsSpares === "always" || this.#demand.isInUse ? spares : 0, this.minIdle);
  }

  get need(): StartNeed {
    return this.#mayStart ? this.#wanted : "nothing";
  }

  get #mayStart(): boolean {
    const hasUser = this.#options.users === undefined || this.#lease !== undefined;
    return hasUser && !this.#isKilled && this.#backoff.delayMs <= 0;
  }

  get #wanted(): StartNeed {
    const { starting, free, room } = this.count();
    if (room <= 0) return "nothing";
    const waiting = this.#demand.isolatesWanted;
    const missing = waiting - free - starting;
    if (missing > 0) return "invocation";
    // The first call of a cold service waits for one start. A spare must not compete with it.
    const spares = waiting > 0 && this.#options.keepsSpares === "in-use" ? 0 : this.spares;
    return missing + spares > 0 ? "spare" : "nothing";
  }

  get busy(): number {
    let busy = 0;
    for (const { load } of this.slots) if (load > 0) busy++;
    return busy;
  }

  get idleSince(): number | undefined {
    return this.#oldestIdle === undefined ? undefined : this.#demand.lastUsedAt;
  }

  endIdle(): void {
    this.#oldestIdle?.end("idle", "another service needed its place");
  }

  get #oldestIdle(): SlotLike | undefined {
    let longest: SlotLike | undefined;
    for (const slot of this.slots) {
      if (slot.state === "idle" && (longest === undefined || slot.usedAt < longest.usedAt)) longest = slot;
    }
    return longest;
  }

  /** Whether the pool has no isolate, and can start one only after another service gives up an isolate or a user. */
  get isHeldUp(): boolean {
    return this.slots.size === 0 && (this.#leaseRequest !== undefined || this.#budget.isFull);
  }

  /** Whether so many starts have failed that no isolate can be expected to start. */
  get hasGivenUp(): boolean {
    return this.#backoff.hasGivenUp && this.slots.size === 0;
  }

  /** Whether an isolate could be started in place of another. */
  get canReplace(): boolean {
    return !this.#isKilled && this.#backoff.delayMs <= 0;
  }

  count(): { starting: number; free: number; room: number } {
    const { isPerFunction, concurrency, spares, debugging } = this.#options;
    let starting = 0;
    let free = 0;
    let living = 0;
    for (const slot of this.slots) {
      if (slot.state === "ending" || slot.isRetiring) continue;
      living++;
      if (slot.state === "starting") starting++;
      // An isolate that belongs to a function is not a spare for the others.
      else if (isPerFunction ? slot.function === undefined : slot.load === 0 || slot.isSettling) free++;
    }
    const maxIsolates = Math.ceil(concurrency / this.#demand.isolateConcurrency) + (this.isStopping ? 0 : spares);
    // A debugger sees one isolate, so the next one starts when that one is gone.
    const room = debugging === undefined ? maxIsolates - living : 1 - this.slots.size;
    return { starting, free, room };
  }

  /** Starts isolates for queued invocations, and spares, as soon as the budget allows. */
  startNeeded(): void {
    if (this.#isKilled || this.#wanted === "nothing") return;
    this.#options.onStart?.();
    if (this.#options.users !== undefined && this.#lease === undefined) return this.#requestLease();
    const { delayMs } = this.#backoff;
    if (delayMs > 0) this.#startLater(delayMs);
    else this.#budget.request(this);
  }

  /** Called when no invocation is queued any more. The one that starts now needs the processor first. */
  startSparesSoon(): void {
    this.#budget.withdraw(this);
    if (this.spares > 0) this.#startLater(spareDelayMs);
  }

  #startLater(delayMs: number): void {
    this.#cancelTimer ??= this.#budget.clock.after(delayMs, () => {
      this.#cancelTimer = undefined;
      this.startNeeded();
    });
  }

  startOne(): void {
    const slot = this.#start(this.#lease?.user);
    this.slots.add(slot);
    this.#starting.add(slot);
    this.#unready.add(slot);
  }

  /** The slot has started, or is idle, and the pool has assigned queued invocations to it. */
  onFree(slot: SlotLike): void {
    if (slot.readyAt !== Infinity && this.#unready.delete(slot)) this.#options.onReady?.();
    if (this.#starting.delete(slot)) this.#budget.onStartOver();
    else if (slot.state === "idle") this.#budget.onIdle();
  }

  /** The slot is being ended, perhaps before it has started. */
  onEnding(slot: SlotLike): void {
    this.startNeeded();
    if (this.#starting.delete(slot)) this.#budget.onStartOver();
  }

  onStarted(): void {
    this.#backoff.onStarted();
  }

  /** @returns whether to report the failure. A start that another process killed is retried first. */
  onStartFailed({ isKilled }: SlotEnd): boolean {
    if (isKilled) this.#backoff.onKilled();
    else this.#backoff.onFailed();
    return !isKilled || this.#backoff.hasGivenUp;
  }

  /** Called last, when the pool has handled the end of this slot. */
  onEnded(slot: SlotLike): void {
    this.#unready.delete(slot);
    this.#budget.onEnded(this, this.#starting.delete(slot), this.slots.size === 0);
    if (this.slots.size === 0) this.#releaseUnneeded();
  }

  /** Stops starting isolates, for good. */
  kill(): void {
    this.isStopping = true;
    this.#isKilled = true;
    this.#cancelTimer?.();
    this.#budget.withdraw(this);
    this.#leaseRequest?.abort();
    if (this.slots.size === 0) this.#releaseLease();
  }

  #requestLease(): void {
    if (this.#leaseRequest !== undefined || this.#options.users === undefined) return;
    const request = new AbortController();
    const lease = this.#options.users.acquire(request.signal);
    if (!(lease instanceof Promise)) return this.#onLease(lease);
    this.#leaseRequest = request;
    // The promise rejects only if this class aborts the request.
    void lease.then(
      (granted) => this.#onLease(granted),
      () => {},
    );
  }

  #onLease(lease: UserLease): void {
    this.#leaseRequest = undefined;
    this.#lease = lease;
    if (!this.#releaseUnneeded()) this.startNeeded();
  }

  /** Called when there is no isolate. Gives up the user if none is needed. @returns whether none is needed. */
  #releaseUnneeded(): boolean {
    if (!this.#isKilled && this.#wanted !== "nothing") return false;
    this.#releaseLease();
    if (!this.#isKilled) this.#options.onCold?.();
    return true;
  }

  #releaseLease(): void {
    this.#lease?.release();
    this.#lease = undefined;
  }
}
