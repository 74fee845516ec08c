/** Waits for the isolates that a tenancy starts before it gets requests. */
import { OffhookError } from "../offhook-error.ts";

/** Each start has its own limit. This one is for a service whose isolates start and exit again and again. */
const firstTimeoutMs = 60_000;
/** How long to wait for the others after the first isolate is ready. If memory is short, they may never be. */
const othersTimeoutMs = 5_000;

export class Warming {
  readonly #count: number;
  readonly #done = Promise.withResolvers<void>();
  #ready = 0;
  #timer: NodeJS.Timeout;

  /** @param count how many isolates are wanted. */
  constructor(count: number) {
    this.#count = count;
    const error = new OffhookError("isolate-not-started", `no isolate was ready within ${firstTimeoutMs / 1_000} s`);
    this.#timer = setTimeout(() => this.fail(error), firstTimeoutMs);
    this.#done.promise.catch(() => undefined);
  }

  /** Resolves when all are ready, or when one is ready and the others take long. Rejects with the error of `fail`. */
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
