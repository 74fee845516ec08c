/**
 * How long a function's recent invocations took. Only for short ones is it worth waiting in an isolate's
 * pipe rather than for an isolate: a wake-up of a process costs more than they do.
 */

/** Below this, an invocation costs less than handing it to another process. */
const shortMs = 2;
/** Weight of the newest invocation. */
const weight = 0.2;

export class Pace {
  readonly #recentMs = new Map<string, number>();

  record(name: string, durationMs: number): void {
    const recent = this.#recentMs.get(name);
    // One slow invocation is enough to stop the queueing; it takes several fast ones to start again.
    const next = recent === undefined || durationMs > recent * 4 ? durationMs : recent + weight * (durationMs - recent);
    this.#recentMs.set(name, next);
  }

  isShort(name: string): boolean {
    return (this.#recentMs.get(name) ?? Infinity) < shortMs;
  }

  /** The functions that have been called: what a new isolate had best load. */
  get called(): string[] {
    return [...this.#recentMs.keys()];
  }
}
