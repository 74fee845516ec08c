/**
 * Delays starts while they fail: each failure in a row makes the delay longer. If another process or the system killed
 * an isolate that was starting, the next start may well succeed. So those delays are shorter, and more are tried.
 */

const firstMs = 100;
const maxMs = 2_000;
/** After so many failures in a row, queued invocations fail. */
const maxFailures = 3;

const firstKillMs = 20;
const maxKillMs = 500;
/**
 * The same after so many kills in a row, over at least this time: the system may kill every start for lack of memory.
 */
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

  /** Milliseconds until the next start may happen. 0 or less: now. */
  get delayMs(): number {
    return this.#mayStartAt - this.#now();
  }

  get hasGivenUp(): boolean {
    if (this.#failures >= maxFailures) return true;
    return this.#kills >= maxKills && this.#now() - this.#killedSince >= minKillsMs;
  }

  /** The start failed, and nothing killed it. */
  onFailed(): void {
    this.#mayStartAt = this.#now() + Math.min(firstMs * 2 ** this.#failures, maxMs);
    this.#failures++;
  }

  /** A signal from another process or the system ended the start. */
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
