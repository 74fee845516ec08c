/**
 * The functions that an isolate has loaded, as far as the pool knows. An invocation is warm if its function is among
 * them when the pool assigns it, and cold otherwise.
 */
export class LoadedFunctions {
  /** The function that it is preloading, until it is ready. */
  loading: string | undefined;
  /** All functions that it has started to preload, until it is ready. */
  readonly #announced = new Set<string>();
  readonly #names = new Set<string>();

  announce(name: string): void {
    this.loading = name;
    this.#announced.add(name);
    this.#names.add(name);
  }

  /** The module scope of the function has thrown. It runs again when the function is called. */
  fail(name: string): void {
    this.#names.delete(name);
  }

  /** Preloading is done. */
  settle(): void {
    this.loading = undefined;
    this.#announced.clear();
  }

  /** Adds the function. @returns whether the isolate had loaded it before. */
  use(name: string): boolean {
    if (this.#names.has(name)) return true;
    this.#names.add(name);
    return false;
  }

  /**
   * The functions whose module scope may be the reason for the isolate's end.
   * @param includesAll whether messages were forged. Then every function that was loaded is a suspect, not only the one
   * that was loading.
   */
  suspects(includesAll: boolean): Iterable<string> {
    if (includesAll) return this.#announced;
    return this.loading === undefined ? [] : [this.loading];
  }
}
