/**
 * What all pools of a process share: the processors that starts of isolates compete for, the room that isolates take, the
 * users that they run as, and one clock that ticks.
 *
 * Starts wait in turn. Those for waiting invocations come before those for spares. Among each kind the pools take turns, so
 * that a service which needs thirty isolates does not hold up one which needs its first.
 */
import { systemClock, type Clock } from "./clock.ts";
import { UserLeases } from "./user-leases.ts";
import { Monitor } from "./monitor.ts";

/** What a pool would start an isolate for. */
export type StartNeed = "invocation" | "spare" | "nothing";

/** A pool, as the budget sees it. */
export interface BudgetMember {
  readonly need: StartNeed;
  /** Starts one isolate. */
  startOne(): void;
  /** Isolates that are at work. */
  readonly busy: number;
  /** When the pool was last called, if it has an idle isolate; else undefined. */
  readonly idleSince: number | undefined;
  /** Ends the isolate that has been idle for longest: another pool needs its room. */
  endIdle(): void;
}

export interface BudgetOptions {
  /** Isolates that may be starting at once: the number of processors. */
  readonly processors: number;
  /** Isolates that there may be; Infinity, the default, for as many as the pools allow themselves. See `isolateRoom`. */
  readonly maxIsolates?: number;
  /** The users that services can have for themselves. */
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
  /** Pools that want to start isolates, the one that asked first comes first. */
  readonly #waiting = new Set<BudgetMember>();
  /** When each pool had its last turn, counted in turns. */
  readonly #turns = new WeakMap<BudgetMember, number>();
  #turn = 0;
  #starting = 0;
  /** Isolates whose processes are not gone. */
  #isolates = 0;
  /** How many of those are being ended to make room. */
  #leaving = 0;
  #isGranting = false;

  constructor({ processors, maxIsolates = Infinity, clock = systemClock, users }: BudgetOptions) {
    this.processors = processors;
    this.users = users ?? new UserLeases({ clock });
    this.clock = clock;
    this.monitor = new Monitor(clock);
    this.#maxIsolates = maxIsolates;
  }

  /** No further isolate can be started before another ends. */
  get isFull(): boolean {
    return this.#isolates >= this.#maxIsolates;
  }

  /** Isolates of other pools that are at work. */
  busyBeside(member: BudgetMember): number {
    let busy = 0;
    for (const other of this.#members) if (other !== member) busy += other.busy;
    return busy;
  }

  /** The pool wants to start isolates: now, or when its turn comes. It is asked again what for. */
  request(member: BudgetMember): void {
    this.#waiting.add(member);
    this.#grant();
  }

  /** The pool starts no more isolates. */
  withdraw(member: BudgetMember): void {
    this.#waiting.delete(member);
  }

  /** An isolate has started, or is being ended before it has. */
  onStartOver(): void {
    this.#starting--;
    this.#grant();
  }

  /** An isolate has nothing to do: it may have to make room for another. */
  onIdle(): void {
    if (this.isFull && this.#waiting.size > 0) this.#grant();
  }

  /** The process of an isolate is gone. @param wasStarting until now. @param isLast whether the pool has no other. */
  onEnded(member: BudgetMember, wasStarting: boolean, isLast: boolean): void {
    if (isLast) this.#members.delete(member);
    if (wasStarting) this.#starting--;
    this.#isolates--;
    if (this.#leaving > 0) this.#leaving--;
    this.#grant();
  }

  #grant(): void {
    // A pool that starts an isolate may ask for the next one meanwhile: the loop comes to that.
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
        // The pool goes on waiting, behind all others, until it needs nothing.
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

  /** The pool whose last turn was longest ago: of those in which invocations wait, else of those that want spares. */
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

  /** The pool that has not been called for longest gives up an idle isolate. */
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

/** Two pipes, two socket pairs, and what a start takes for a moment. */
const descriptorsPerIsolate = 6;

/**
 * How many isolates a machine has room for.
 * @param memoryBytes that they may take together. @param isolateBytes what one takes on average, not what it may take at most.
 * @param descriptors that the server may open for them.
 */
export function isolateRoom(memoryBytes: number, isolateBytes: number, descriptors: number): number {
  return Math.max(1, Math.floor(Math.min(memoryBytes / isolateBytes, descriptors / descriptorsPerIsolate)));
}
