/** Random numbers from a seed, so that you can repeat a run's mix. */
export class Random {
  #state: number;

  /** @param part selects a sequence. Each lane has its own, which does not depend on the others. */
  constructor(seed: number, part = 0) {
    this.#state = (seed ^ Math.imul(part + 1, 0x9e3779b9)) >>> 0;
    // The first numbers of neighbouring seeds are similar.
    for (let index = 0; index < 8; index += 1) this.next();
  }

  /** At least 0, below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, both ends included. */
  whole(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.next() * values.length)] as T;
  }

  /** Picks an item with a chance in proportion to its `weight`. */
  weighted<T extends { readonly weight: number }>(values: readonly T[]): T {
    let remaining = this.next() * values.reduce((sum, { weight }) => sum + weight, 0);
    for (const value of values) {
      remaining -= value.weight;
      if (remaining < 0) return value;
    }
    return values.at(-1) as T;
  }

  shuffled<T>(values: readonly T[]): T[] {
    const result = [...values];
    for (let index = result.length - 1; index > 0; index -= 1) {
      const other = this.whole(0, index);
      [result[index], result[other]] = [result[other] as T, result[index] as T];
    }
    return result;
  }
}
