/** The isolates that a tenancy starts before it gets requests. */
import { OffhookError } from "../offhook-error.ts";

/** Each isolate has a limit for its start. This is for a service whose isolates start and end again without end. */
const firstTimeoutMs = 60_000;
/** How long the others are waited for when the first one is ready: where memory is short, they may never come. */
const othersTimeoutMs = 5_000;

export class Warming {
  readonly #count: number;
  readonly #done = Promise.withResolvers<void>();
  #ready = 0;
  #timer: NodeJS.Timeout;

  /** @param count how many isolates are wanted. */
  constructor(count: number) {
    this.#count = count;
    const error = new OffhookError("isolate-not-started", `none was ready within ${firstTimeoutMs / 1_000} s`);
    this.#timer = setTimeout(() => this.fail(error), firstTimeoutMs);
    this.#done.promise.catch(() => undefined);
  }

  /** Resolves when all are ready, or the first one is and the others take long. Rejects with what `fail` was called with. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  onReady(): void {
    this.#ready += 1;
    if (this.#ready === this.#count) this.#finish();
    else if (this.#ready === 1) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#finish(), othersTimeoutMs);
    }
  }

  fail(error: Error): void {
    clearTimeout(this.#timer);
    this.#done.reject(error);
  }

  #finish(): void {
    clearTimeout(this.#timer);
    this.#done.resolve();
  }
}
