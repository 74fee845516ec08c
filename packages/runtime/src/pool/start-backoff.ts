/** No storm of starts where none can succeed: each failure in a row makes the wait before the next one longer. */

const firstMs = 100;
const mostMs = 2_000;
/** After so many in a row, what waits for an isolate is told that there is none. */
const hopelessAfter = 3;

export class StartBackoff {
  #failures = 0;
  #mayStartAt = 0;

  /** Milliseconds until the next start; 0 or less for now. */
  get delayMs(): number {
    return this.#mayStartAt - performance.now();
  }

  get isHopeless(): boolean {
    return this.#failures >= hopelessAfter;
  }

  onFailed(): void {
    this.#mayStartAt = performance.now() + Math.min(firstMs * 2 ** this.#failures, mostMs);
    this.#failures++;
  }

  onStarted(): void {
    this.#failures = 0;
    this.#mayStartAt = 0;
  }
}
