/** Tells of what happens often: the first time at once, then how often it was, every few seconds. */

const everyMs = 5_000;

export class Tally {
  readonly #tell: (count: number) => void;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (count: number) => void) {
    this.#tell = tell;
  }

  add(): void {
    this.#count++;
    if (this.#timer === undefined) this.#tellAll();
  }

  /** Tells what is left. */
  end(): void {
    clearTimeout(this.#timer);
    this.#tellAll();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tellAll(): void {
    this.#timer = undefined;
    if (this.#count === 0) return;
    this.#tell(this.#count);
    this.#count = 0;
    this.#timer = setTimeout(() => this.#tellAll(), everyMs).unref();
  }
}
