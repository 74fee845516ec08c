/**
 * Runs steps of work in one turn of the event loop. Between steps, only promises and `nextTick` callbacks run, because
 * Node runs those after each immediate. A step costs a fraction of a turn, because each turn polls the kernel.
 */
const { AsyncLocalStorage } = process.getBuiltinModule("node:async_hooks");

// User code may replace the global of this name.
const { setImmediate } = globalThis;
const now = performance.now.bind(performance);

const withoutContext = AsyncLocalStorage.snapshot();
let ourCalls = 0;

/** Runs work outside any invocation, because the isolate's own work belongs to none. */
export function outside<Result>(work: () => Result): Result {
  ourCalls++;
  try {
    return withoutContext(work);
  } finally {
    ourCalls--;
  }
}

/** Whether `outside` is running. */
export function isOurWork(): boolean {
  return ourCalls > 0;
}

/** After this time, due steps wait for the next turn, so that new messages can arrive. Some may retract invocations. */
const longTurnMs = 1;

export class Stepper {
  readonly #step: () => void;
  #due = 0;
  #turnStartedAt = 0;
  #isDeferring = false;

  constructor(step: () => void) {
    this.#step = step;
  }

  /** Number of scheduled steps that have not run. */
  get due(): number {
    return this.#due;
  }

  /** Adds a step after those that are due. */
  schedule(): void {
    if (this.#due === 0) this.#turnStartedAt = now();
    this.#due++;
    outside(this.#scheduleImmediate);
  }

  readonly #scheduleImmediate = (): void => void setImmediate(this.#onImmediate);

  readonly #onImmediate = (): void => {
    if (now() - this.#turnStartedAt > longTurnMs) return this.#defer();
    this.#due--;
    this.#step();
  };

  /** Moves a step to the next turn. Immediates that are scheduled by an immediate run there, in the same order. */
  #defer(): void {
    if (!this.#isDeferring) {
      this.#isDeferring = true;
      setImmediate(() => {
        this.#isDeferring = false;
        this.#turnStartedAt = now();
      });
    }
    setImmediate(this.#onImmediate);
  }
}
