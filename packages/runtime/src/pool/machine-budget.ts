/**
 * The resources that all pools of a process share: processors for the starts of isolates, room for isolates, users for
 * isolates, and one ticking clock.
 *
 * Starts for waiting invocations come before starts for spares. Within each kind the pools take turns. So a service
 * that needs thirty isolates does not hold up a service that needs its first.
 */
import { systemClock, type Clock } from "./clock.ts";
import { UserLeases } from "./user-leases.ts";
import { Monitor } from "./monitor.ts";

/** Why a pool would start an isolate. */
export type StartNeed = "invocation" | "spare" | "nothing";

/** A pool, as the budget sees it. */
export interface BudgetMember {
  readonly need: StartNeed;
  /** Starts one isolate. */
  startOne(): void;
  /** Number of busy isolates. */
  readonly busy: number;
  /** When the last invocation of the pool started or ended. Undefined if it has no idle isolate. */
  readonly idleSince: number | undefined;
  /** Ends the isolate that has been idle for longest, because another pool needs its room. */
  endIdle(): void;
}

export interface BudgetOptions {
  /** The number of processors: so many isolates may start at the same time. */
  readonly processors: number;
  /** Maximum number of isolates. Infinity, the default, leaves the limit to the pools. See `isolateRoom`. */
  readonly maxIsolates?: number;
  /** The users that services can have to themselves. */
  readonly users?: UserLeases;
  readonly clock?: Clock;
}

export class MachineBudget {
  readonly processors: number;
  readonly users: UserLeases;
  readonly clock: Clock;
  readonly monitor: Monitor;
  readonly #maxIsolates: number;
  readonly #members = new Set<BudgetMember>();
  /** Pools that want to start isolates, in order of their requests. */
  readonly #waiting = new Set<BudgetMember>();
  /** The number of each pool's last turn. */
  readonly #turns = new WeakMap<BudgetMember, number>();
  #turn = 0;
  #starting = 0;
  /** Number of isolates whose processes are not gone. */
  #isolates = 0;
  /** Number of isolates that are being ended to make room. */
  #leaving = 0;
  #isGranting = false;

  constructor({ processors, maxIsolates = Infinity, clock = systemClock, users }: BudgetOptions) {
    this.processors = processors;
    this.users = users ?? new UserLeases({ clock });
    this.clock = clock;
    this.monitor = new Monitor(clock);
    this.#maxIsolates = maxIsolates;
  }

  /** Whether another isolate must end before the next one can start. */
  get isFull(): boolean {
    return this.#isolates >= this.#maxIsolates;
  }

  /** Number of busy isolates of other pools. */
  busyBeside(member: BudgetMember): number {
    let busy = 0;
    for (const other of this.#members) if (other !== member) busy += other.busy;
    return busy;
  }

  /** The pool wants to start isolates, now or when its turn comes. Its `need` is read again then. */
  request(member: BudgetMember): void {
    this.#waiting.add(member);
    this.#grant();
  }

  /** The pool no longer wants to start isolates. */
  withdraw(member: BudgetMember): void {
    this.#waiting.delete(member);
  }

  /** An isolate has started, or is being ended before it has started. */
  onStartOver(): void {
    this.#starting--;
    this.#grant();
  }

  /** An isolate is idle. It may have to make room for another. */
  onIdle(): void {
    if (this.isFull && this.#waiting.size > 0) this.#grant();
  }

  /**
   * The process of an isolate is gone.
   * @param wasStarting whether it was still starting.
   * @param isLast whether the pool has no other.
   */
  onEnded(member: BudgetMember, wasStarting: boolean, isLast: boolean): void {
    if (isLast) this.#members.delete(member);
    if (wasStarting) this.#starting--;
    this.#isolates--;
    if (this.#leaving > 0) this.#leaving--;
    this.#grant();
  }

  #grant(): void {
    // A pool that starts an isolate may request the next one meanwhile. The loop handles that request.
    if (this.#isGranting) return;
    this.#isGranting = true;
    try {
      while (this.#starting < this.processors) {
        const next = this.#next();
        if (next === undefined) return;
        if (this.isFull) {
          if (next.need === "invocation") this.#makeRoom();
          return;
        }
        // The pool keeps waiting, behind all others, until it needs nothing.
        this.#turns.set(next, ++this.#turn);
        this.#members.add(next);
        this.#starting++;
        this.#isolates++;
        next.startOne();
      }
    } finally {
      this.#isGranting = false;
    }
  }

  /**
   * The pool whose last turn was longest ago. Pools with waiting invocations come first, then pools that want spares.
   */
  #next(): BudgetMember | undefined {
    const next: { invocation?: BudgetMember; spare?: BudgetMember } = {};
    for (const member of this.#waiting) {
      const { need } = member;
      if (need === "nothing") this.#waiting.delete(member);
      else if (this.#turnOf(member) < this.#turnOf(next[need])) next[need] = member;
    }
    return next.invocation ?? next.spare;
  }

  #turnOf(member: BudgetMember | undefined): number {
    return member === undefined ? Infinity : (this.#turns.get(member) ?? 0);
  }

  /** Ends an idle isolate of the pool that was called least recently. */
  #makeRoom(): void {
    if (this.#isolates - this.#leaving < this.#maxIsolates) return;
    let longest: BudgetMember | undefined;
    for (const member of this.#members) {
      if ((member.idleSince ?? Infinity) < (longest?.idleSince ?? Infinity)) longest = member;
    }
    if (longest === undefined) return;
    this.#leaving++;
    longest.endIdle();
  }
}

/** Two pipes, two socket pairs, and those that a start needs for a moment. */
const descriptorsPerIsolate = 6;

/**
 * Returns how many isolates a machine has room for.
 * @param memoryBytes memory for all isolates together.
 * @param isolateBytes memory of one isolate on average, not its limit.
 * @param descriptors number of descriptors that the server may open for isolates.
 */
export function isolateRoom(memoryBytes: number, isolateBytes: number, descriptors: number): number {
  return Math.max(1, Math.floor(Math.min(memoryBytes / isolateBytes, descriptors / descriptorsPerIsolate)));
}
