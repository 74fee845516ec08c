/**
 * Times of rows. Lists are ordered by them, newest first, so no two rows of one process get the same time.
 */
export class Clock {
  #last = 0;

  /** Milliseconds since 1970, later than the result of every earlier call. */
  next(): number {
    this.#last = Math.max(Date.now(), this.#last + 1);
    return this.#last;
  }
}
