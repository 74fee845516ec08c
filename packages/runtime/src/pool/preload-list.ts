/** The functions that a new isolate loads before it is called. */

/** Functions loaded ahead of their first call, those that have been called first. */
const maxPreloads = 32;

export class PreloadList {
  /** Functions whose module scope kills or hangs an isolate: loaded only when called. */
  readonly #suspects = new Set<string>();
  /** Functions that failed to load ahead, which has been reported. */
  readonly #reported = new Set<string>();

  /** @param called the functions that have been called. */
  of(setup: { functions: Readonly<Record<string, string>>; preload: readonly string[] }, called: string[]): string[] {
    const isWanted = (name: string): boolean => Object.hasOwn(setup.functions, name) && !this.#suspects.has(name);
    return [...new Set([...called, ...setup.preload])].filter(isWanted).slice(0, maxPreloads);
  }

  suspect(name: string): void {
    this.#suspects.add(name);
  }

  /** @returns whether it is the first failure of this function: each isolate that starts meets it again. */
  isFirstFailure(name: string): boolean {
    if (this.#reported.has(name)) return false;
    this.#reported.add(name);
    return true;
  }

  /** There is other code now. */
  clear(): void {
    this.#suspects.clear();
    this.#reported.clear();
  }
}
