/** A clock that ticks while there is something to look at. */

const tickMs = 20;
/** After a longer gap this process itself was held up. */
const stallMs = 200;

/**
 * @param now `performance.now()`
 * @param stalledMs time in which this process was held up, and neither sent nor read anything: it is nobody's; mostly 0.
 * @returns whether there will be something to look at the next time.
 */
export type Look = (now: number, stalledMs: number) => boolean;

export class Watch {
  readonly #look: Look;
  #interval: NodeJS.Timeout | undefined;
  #tickedAt = 0;

  constructor(look: Look) {
    this.#look = look;
  }

  start(): void {
    if (this.#interval !== undefined) return;
    this.#tickedAt = performance.now();
    // After a turn: what has arrived while this process was held up is read before it is taken for missing.
    this.#interval = setInterval(() => setImmediate(this.#tick), tickMs);
    this.#interval.unref();
  }

  stop(): void {
    clearInterval(this.#interval);
    this.#interval = undefined;
  }

  readonly #tick = (): void => {
    if (this.#interval === undefined) return;
    const now = performance.now();
    const sinceMs = now - this.#tickedAt;
    this.#tickedAt = now;
    if (!this.#look(now, sinceMs > stallMs ? sinceMs : 0)) this.stop();
  };
}
