/**
 * How long a function's recent invocations took. Only short invocations should wait in an isolate's pipe, because
 * waking another process costs more than they do.
 */

/** Behind an invocation shorter than this, waiting in the pipe costs less than another isolate. */
export const shortMs = 2;
/**
 * The estimate moves by these factors, whatever the distance, until one in nine invocations takes longer. A single
 * invocation that had to wait for a processor does not disturb it. A function that becomes slow is noticed after eight
 * invocations.
 */
const upFactor = 1.5;
const downFactor = 0.95;
/** About 150 good invocations bring the estimate from here down to short. */
const suspectMs = 5_000;
/** The minimum, because the clock may show 0. */
const minMs = 0.01;

export class DurationEstimates {
  readonly #recentMs = new Map<string, number>();

  record(name: string, durationMs: number): void {
    const recent = this.#recentMs.get(name);
    const next = recent === undefined ? durationMs : recent * (durationMs > recent ? upFactor : downFactor);
    this.#recentMs.set(name, Math.max(next, minMs));
  }

  /**
   * An invocation ended its isolate, or had leftovers. Others may queue behind this function only after good
   * invocations.
   */
  suspect(name: string): void {
    this.#recentMs.set(name, suspectMs);
  }

  /** Estimate of how long the next one will take, rather too long than too short. Infinity if nothing is known. */
  expectedMs(name: string): number {
    return this.#recentMs.get(name) ?? Infinity;
  }

  /** The functions that have been called. A new isolate should preload these. */
  get called(): string[] {
    return [...this.#recentMs.keys()];
  }
}
