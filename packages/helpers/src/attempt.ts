/**
 * One attempt of a call with options: the data that its callback gets, and the limits that end it.
 */
import { clock } from "./clock.ts";
import { textOf } from "./failure.ts";
import { headerIn } from "./retry-after.ts";

/** The argument of a callback: the attempt that it makes. */
export interface Attempt {
  /** 1 for the first. */
  readonly attempt: number;
  /**
   * Aborted when the time is up, when the caller of the function has disconnected, and with the signal in the options.
   */
  readonly signal: AbortSignal;
  /** Milliseconds that are left for the attempt at the moment of reading. */
  readonly remainingMs: number;
}

/** The time is up. */
export class DeadlineError extends Error {
  override readonly name = "TimeoutError";
  readonly code = "deadline-exceeded";
  readonly status = 504;

  constructor() {
    super("There was no answer within the time that the invocation had left");
  }
}

/** One attempt, with the parts that only the wrapper uses. */
export class AttemptRecord implements Attempt {
  readonly attempt: number;
  readonly #controller = new AbortController();
  /** Milliseconds that the attempt had when it started. */
  readonly budgetMs: number;
  readonly #endsAt: number;
  #status: number | undefined;
  #headers: unknown;

  constructor(attempt: number, budgetMs: number) {
    this.attempt = attempt;
    this.budgetMs = budgetMs;
    this.#endsAt = clock().now() + budgetMs;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get remainingMs(): number {
    return Math.max(0, this.#endsAt - clock().now());
  }

  /** Records the last answer, for libraries whose errors do not carry it. */
  heard(status: number | undefined, headers: unknown): void {
    this.#status = status;
    this.#headers = headers;
  }

  /** The headers of the last answer, if it had this status. */
  headersOf(status: number): unknown {
    return status === this.#status ? this.#headers : undefined;
  }

  get twilioRequestId(): string | undefined {
    const id = headerIn(this.#headers, "twilio-request-id");
    return id === undefined ? undefined : textOf(id);
  }

  /** Runs the call. Settles when the call settles, the time is up or a signal is aborted, whichever comes first. */
  async run<T>(call: () => T | Promise<T>, signals: readonly AbortSignal[]): Promise<T> {
    const { signal } = this;
    const controller = this.#controller;
    const callOff = Number.isFinite(this.#endsAt)
      ? clock().alarm(this.remainingMs, () => controller.abort(new DeadlineError()))
      : undefined;
    const onAbort = ({ target }: Event): void => controller.abort((target as AbortSignal).reason);
    for (const other of signals) other.addEventListener("abort", onAbort);
    try {
      return await new Promise<T>((resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
        // Called inside a promise, so that a synchronous throw becomes a rejection.
        new Promise<T>((settle) => settle(call())).then(resolve, reject);
      });
    } finally {
      callOff?.();
      for (const other of signals) other.removeEventListener("abort", onAbort);
    }
  }
}
