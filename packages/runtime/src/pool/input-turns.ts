/**
 * Shares the gateway's time among isolates: what one of them sends is read in slices, and all of them together get a part of
 * each turn of the loop. The rest of the turn is for callers, however much the isolates send.
 */

/** Each input may take this much at a time. */
const sliceMs = 1;
/** All inputs together may take this much before others get a turn. */
const turnMs = 5;

export interface Input {
  /** Reads until `mayContinue` says no. @returns whether there is more to read. */
  read(mayContinue: () => boolean): boolean;
}

export class InputTurns {
  readonly #waiting: Input[] = [];
  #isScheduled = false;
  /** Spent in this turn, which has begun then. Not an immediate for each: an idle server would have more turns. */
  #spentMs = 0;
  #turnAt = 0;

  /** It has something to read: now if there is time, else in one of the next turns. */
  offer(input: Input): void {
    const now = performance.now();
    if (now - this.#turnAt > turnMs) this.#beginTurn(now);
    if (this.#waiting.length > 0 || this.#spentMs >= turnMs || this.#read(input, now)) this.#wait(input);
  }

  #beginTurn(now: number): void {
    this.#turnAt = now;
    this.#spentMs = 0;
  }

  #wait(input: Input): void {
    this.#waiting.push(input);
    this.#schedule();
  }

  #schedule(): void {
    if (!this.#isScheduled) setImmediate(this.#onTurn);
    this.#isScheduled = true;
  }

  readonly #onTurn = (): void => {
    this.#isScheduled = false;
    this.#beginTurn(performance.now());
    try {
      while (this.#spentMs < turnMs) {
        const input = this.#waiting.shift();
        if (input === undefined) return;
        if (this.#read(input, performance.now())) this.#waiting.push(input);
      }
    } finally {
      if (this.#waiting.length > 0) this.#schedule();
    }
  };

  #read(input: Input, now: number): boolean {
    const end = now + sliceMs;
    try {
      return input.read(() => performance.now() < end);
    } finally {
      this.#spentMs += performance.now() - now;
    }
  }
}

/** There is one loop in the process, so all isolates of all pools share its turns. */
export const inputTurns = new InputTurns();
