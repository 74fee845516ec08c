/**
 * Shares the gateway's time among isolates. It reads the output of each isolate in slices, and all isolates together
 * get a part of each turn of the event loop. The rest of the turn is for callers, however much the isolates send.
 */

/** Milliseconds that one input may use at a time. */
const sliceMs = 1;
/** Milliseconds that all inputs together may use before other work gets a turn. */
const turnMs = 5;

export interface Input {
  /** Reads until `mayContinue` returns false. @returns whether there is more to read. */
  read(mayContinue: () => boolean): boolean;
}

export class InputTurns {
  readonly #waiting: Input[] = [];
  #isScheduled = false;
  /** Time used in the current turn. There is no immediate for each turn: an idle server would have more turns. */
  #spentMs = 0;
  /** When the current turn began. */
  #turnAt = 0;

  /** Called when an input has data. It is read now if there is time, otherwise in one of the next turns. */
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

/** The process has one event loop, so all isolates of all pools share its turns. */
export const inputTurns = new InputTurns();
