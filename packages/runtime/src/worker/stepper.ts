/**
 * Steps of work in one turn of the event loop, with nothing but promises and `nextTick` between them: Node runs
 * those after each immediate. A step costs a fraction of what a turn costs, which asks the kernel for news each time.
 */
const { AsyncLocalStorage } = process.getBuiltinModule("node:async_hooks");

// User code may replace the global of this name.
const { setImmediate } = globalThis;
const now = performance.now.bind(performance);

const withoutContext = AsyncLocalStorage.snapshot();
let ourCalls = 0;

/** Runs something outside of every invocation: what the isolate does for itself belongs to none. */
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

/** After this long, steps that are due wait for the next turn, so that news get in: some may be called off. */
const longTurnMs = 1;

export class Stepper {
  readonly #step: () => void;
  #due = 0;
  #turnStartedAt = 0;
  #isDeferring = false;

  constructor(step: () => void) {
    this.#step = step;
  }

  /** Steps scheduled and not taken. */
  get due(): number {
    return this.#due;
  }

  /** One step more, behind those that are due. */
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

  /** What is scheduled by an immediate runs in the next turn, in the order it was scheduled. */
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
