/** How often something may happen: so many times at once, and so many times a second. */
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

  /** So many times more, as soon as there is room for them. */
  add(count: number): void {
    this.#left = Math.min(this.#burst, this.#left + count);
  }

  /** @returns whether it may happen now, so many times. */
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
