/**
 * A clock that ticks while there is something to look at: one for all pools of a machine.
 */
import { systemClock, type Cancel, type Clock } from "./clock.ts";

const tickMs = 20;
/** After a longer gap this process itself was held up. */
const stallMs = 200;

/**
 * @param now on the clock
 * @param stalledMs time in which this process was held up, and neither sent nor read anything: it does not count; mostly 0.
 * @returns whether there will be something to look at the next time.
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

  /** Calls this one with each tick, until it says that there is nothing to look at. */
  add(check: Check): void {
    this.#checks.add(check);
    if (this.#cancel !== undefined) return;
    this.#tickedAt = this.#clock.now();
    // After a turn: what has arrived while this process was held up is read before it is taken for missing.
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
