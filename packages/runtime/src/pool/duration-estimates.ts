/**
 * How long a function's recent invocations took. Only for short ones is it worth waiting in an isolate's
 * pipe rather than for an isolate: a wake-up of a process costs more than they do.
 */

/** Below this, waiting for an invocation in the pipe of its isolate costs less than another isolate. */
export const shortMs = 2;
/**
 * The estimate moves by these factors, whatever the distance: it comes to rest where one in nine
 * invocations takes longer. A single one that had to wait for a processor does not disturb it, and a
 * function that turns slow is found out after eight.
 */
const upFactor = 1.5;
const downFactor = 0.95;
/** Some 150 good invocations away from short. */
const suspectMs = 5_000;
/** Where it starts from when the clock shows nothing. */
const minMs = 0.01;

export class DurationEstimates {
  readonly #recentMs = new Map<string, number>();

  record(name: string, durationMs: number): void {
    const recent = this.#recentMs.get(name);
    const next = recent === undefined ? durationMs : recent * (durationMs > recent ? upFactor : downFactor);
    this.#recentMs.set(name, Math.max(next, minMs));
  }

  /** It took its isolate along, or left something behind: it has to earn trust anew. */
  suspect(name: string): void {
    this.#recentMs.set(name, suspectMs);
  }

  /** About how long the next one will take, on the long side; infinitely long where nothing is known. */
  expectedMs(name: string): number {
    return this.#recentMs.get(name) ?? Infinity;
  }

  /** The functions that have been called: what a new isolate had best load. */
  get called(): string[] {
    return [...this.#recentMs.keys()];
  }
}
