/** The functions that a new isolate preloads. */

/** Maximum number of preloaded functions. Functions that have been called come first. */
const maxPreloads = 32;

export class PreloadList {
  /** Functions whose module scope kills or hangs an isolate. They are loaded only when they are called. */
  readonly #suspects = new Set<string>();
  /** Functions whose failure to preload has been reported. */
  readonly #reported = new Set<string>();

  /** @param called the functions that have been called. */
  of(setup: { functions: Readonly<Record<string, string>>; preload: readonly string[] }, called: string[]): string[] {
    const isWanted = (name: string): boolean => Object.hasOwn(setup.functions, name) && !this.#suspects.has(name);
    return [...new Set([...called, ...setup.preload])].filter(isWanted).slice(0, maxPreloads);
  }

  suspect(name: string): void {
    this.#suspects.add(name);
  }

  /** @returns whether it is the first failure of this function. Every isolate that starts fails again. */
  isFirstFailure(name: string): boolean {
    if (this.#reported.has(name)) return false;
    this.#reported.add(name);
    return true;
  }

  /** Called when the code has changed. */
  clear(): void {
    this.#suspects.clear();
    this.#reported.clear();
  }
}
