/** Starting and loading may take long, but not without a sign of life. */

/** From the start of the process, or of a function's module scope, to the next sign of life. */
const startMs = 10_000;
/** Counted in steps: while the gateway itself is held up, only one of them can pass. */
const startSteps = 10;

export class StartClock {
  readonly #isHeld: () => boolean;
  #timer: NodeJS.Timeout | undefined;

  /** @param isHeld whether a debugger keeps it from giving one: that takes as long as it takes. */
  constructor(isHeld: () => boolean) {
    this.#isHeld = isHeld;
  }

  /** From now on, and no more for an earlier sign. */
  restart(onSilence: () => void): void {
    this.stop();
    let steps = 0;
    const timer = setInterval(() => {
      if (timer !== this.#timer || this.#isHeld() || ++steps < startSteps) return;
      this.stop();
      onSilence();
    }, startMs / startSteps);
    this.#timer = timer;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
