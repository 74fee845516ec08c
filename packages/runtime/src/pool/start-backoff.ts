/**
 * No storm of starts where none can succeed: each failure in a row makes the wait before the next one longer. A start that was
 * killed from elsewhere says little about the next one, so the waits for it are shorter, and hope lasts longer.
 */

const firstMs = 100;
const maxMs = 2_000;
/** After so many in a row, what waits for an isolate is told that there is none. */
const maxFailures = 3;

const firstKillMs = 20;
const maxKillMs = 500;
/** After so many in a row, over so long: the system ends whatever starts, for want of memory perhaps. */
const maxKills = 20;
const minKillsMs = 10_000;

export class StartBackoff {
  #failures = 0;
  #kills = 0;
  #killedSince = 0;
  #mayStartAt = 0;
  readonly #now: () => number;

  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Milliseconds until the next start; 0 or less for now. */
  get delayMs(): number {
    return this.#mayStartAt - this.#now();
  }

  get hasGivenUp(): boolean {
    if (this.#failures >= maxFailures) return true;
    return this.#kills >= maxKills && this.#now() - this.#killedSince >= minKillsMs;
  }

  /** It failed by itself. */
  onFailed(): void {
    this.#mayStartAt = this.#now() + Math.min(firstMs * 2 ** this.#failures, maxMs);
    this.#failures++;
  }

  /** A signal from elsewhere ended it. */
  onKilled(): void {
    if (this.#kills === 0) this.#killedSince = this.#now();
    const waitUntil = this.#now() + Math.min(firstKillMs * 2 ** this.#kills, maxKillMs);
    this.#mayStartAt = Math.max(this.#mayStartAt, waitUntil);
    this.#kills++;
  }

  onStarted(): void {
    this.#failures = 0;
    this.#kills = 0;
    this.#mayStartAt = 0;
  }
}
