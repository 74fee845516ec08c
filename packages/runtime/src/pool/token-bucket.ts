/** Limits how often something may happen, at once (`burst`) and per second. */
export class TokenBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #refilledAt = performance.now();

  constructor(burst: number, perSecond: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#left = burst;
  }

  /** Adds tokens, up to `burst`. */
  add(count: number): void {
    this.#left = Math.min(this.#burst, this.#left + count);
  }

  /** Takes `count` tokens. @returns false if there are not enough. */
  take(count = 1): boolean {
    if (this.#left < count) {
      const now = performance.now();
      this.add(((now - this.#refilledAt) * this.#perSecond) / 1_000);
      this.#refilledAt = now;
    }
    if (this.#left < count) return false;
    this.#left -= count;
    return true;
  }
}
