import type { Cancel, Clock } from "../src/pool/clock.ts";

interface Timer {
  at: number;
  readonly everyMs: number | undefined;
  readonly callback: () => void;
}

/** A clock that moves only when a test moves it. It does not start at 0, because 0 means "never" in some places. */
export class FakeClock implements Clock {
  #now = 1_000;
  readonly #timers = new Set<Timer>();

  readonly now = (): number => this.#now;

  /** Pending timeouts and intervals. */
  get timers(): number {
    return this.#timers.size;
  }

  after(ms: number, callback: () => void): Cancel {
    return this.#add({ at: this.#now + ms, everyMs: undefined, callback });
  }

  every(ms: number, callback: () => void): Cancel {
    return this.#add({ at: this.#now + ms, everyMs: ms, callback });
  }

  afterTurn(callback: () => void): void {
    callback();
  }

  /** Time passes, and each timer runs when it is due. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#now = Math.max(this.#now, next.at);
      this.#run(next);
    }
    this.#now = until;
  }

  /** The process is blocked: time passes, and then each due timer runs once. */
  stall(ms: number): void {
    this.#now += ms;
    for (const timer of [...this.#timers].filter(({ at }) => at <= this.#now)) this.#run(timer);
  }

  #add(timer: Timer): Cancel {
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  #run(timer: Timer): void {
    if (timer.everyMs === undefined) this.#timers.delete(timer);
    else timer.at = this.#now + timer.everyMs;
    timer.callback();
  }

  #next(until: number): Timer | undefined {
    return [...this.#timers].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];
  }
}
