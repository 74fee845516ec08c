/** Starting and loading may take long, but not without a sign of life. */
import { systemClock, type Cancel, type Clock } from "./clock.ts";

/** From the start of the process, or of a function's module scope, to the next sign of life. */
const startMs = 10_000;
/** Counted in steps: while the gateway itself is held up, only one of them can pass. */
const startSteps = 10;

export class StartTimeout {
  readonly #isHeld: () => boolean;
  readonly #clock: Clock;
  #cancel: Cancel | undefined;

  /** @param isHeld whether a debugger keeps it from giving one: that takes as long as it takes. */
  constructor(isHeld: () => boolean, clock = systemClock) {
    this.#isHeld = isHeld;
    this.#clock = clock;
  }

  /** From now on, and no more for an earlier sign. */
  restart(onTimeout: () => void): void {
    this.stop();
    let steps = 0;
    this.#cancel = this.#clock.every(startMs / startSteps, () => {
      if (this.#isHeld() || ++steps < startSteps) return;
      this.stop();
      onTimeout();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
