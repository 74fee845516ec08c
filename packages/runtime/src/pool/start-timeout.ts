/** A timeout for starting and loading. They may take long, but not without a message from the isolate. */
import { systemClock, type Cancel, type Clock } from "./clock.ts";

/** From the start of the process, or of a function's module scope, to the isolate's next message. */
const startMs = 10_000;
/** The time is counted in steps. While the gateway itself is held up, only one step can pass. */
const startSteps = 10;

export class StartTimeout {
  readonly #isHeld: () => boolean;
  readonly #clock: Clock;
  #cancel: Cancel | undefined;

  /** @param isHeld whether a debugger stops the isolate. That time does not count. */
  constructor(isHeld: () => boolean, clock = systemClock) {
    this.#isHeld = isHeld;
    this.#clock = clock;
  }

  /** Starts the time again. */
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
