/** Reports frequent events: the first one at once, then their count every few seconds. */

const everyMs = 5_000;

export class CountReporter {
  readonly #report: (count: number) => void;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(report: (count: number) => void) {
    this.#report = report;
  }

  add(): void {
    this.#count++;
    if (this.#timer === undefined) this.#reportCount();
  }

  /** Reports the remaining count. */
  end(): void {
    clearTimeout(this.#timer);
    this.#reportCount();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #reportCount(): void {
    this.#timer = undefined;
    if (this.#count === 0) return;
    this.#report(this.#count);
    this.#count = 0;
    this.#timer = setTimeout(() => this.#reportCount(), everyMs).unref();
  }
}
