/**
 * A clock that ticks while there is something to check. All pools of a host share one.
 */
import { systemClock, type Cancel, type Clock } from "./clock.ts";

const tickMs = 20;
/** If the gap between two ticks is longer, this process itself was held up. */
const stallMs = 200;

/**
 * @param now on the clock.
 * @param stalledMs time in which this process was held up, and neither sent nor read anything. It does not count.
 * Mostly 0.
 * @returns whether there will be something to check at the next tick.
 */
export type Check = (now: number, stalledMs: number) => boolean;

export class Monitor {
  readonly #clock: Clock;
  readonly #checks = new Set<Check>();
  #cancel: Cancel | undefined;
  #tickedAt = 0;

  constructor(clock = systemClock) {
    this.#clock = clock;
  }

  /** Calls `check` at each tick, until it returns false. */
  add(check: Check): void {
    this.#checks.add(check);
    if (this.#cancel !== undefined) return;
    this.#tickedAt = this.#clock.now();
    // One turn later, so that data that arrived while this process was held up is read first.
    this.#cancel = this.#clock.every(tickMs, () => this.#clock.afterTurn(this.#tick), true);
  }

  delete(check: Check): void {
    this.#checks.delete(check);
    if (this.#checks.size > 0) return;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  readonly #tick = (): void => {
    if (this.#cancel === undefined) return;
    const now = this.#clock.now();
    const sinceMs = now - this.#tickedAt;
    this.#tickedAt = now;
    for (const check of this.#checks) if (!check(now, sinceMs > stallMs ? sinceMs : 0)) this.delete(check);
  };
}
