/**
 * The functions that an isolate has loaded, as far as is known from outside. An invocation is warm where its function is
 * among them when it is given to the isolate, cold where that is still to be done.
 */
export class LoadedFunctions {
  /** What it is loading ahead, until it says that it is ready. */
  loading: string | undefined;
  /** All that it has begun to load ahead, until it is ready. */
  readonly #announced = new Set<string>();
  readonly #names = new Set<string>();

  announce(name: string): void {
    this.loading = name;
    this.#announced.add(name);
    this.#names.add(name);
  }

  /** Its module scope has thrown, and will run again when it is called. */
  fail(name: string): void {
    this.#names.delete(name);
  }

  /** Everything that was to be loaded ahead has been. */
  settle(): void {
    this.loading = undefined;
    this.#announced.clear();
  }

  /** From now on it has this one. @returns whether it had it before. */
  use(name: string): boolean {
    if (this.#names.has(name)) return true;
    this.#names.add(name);
    return false;
  }

  /**
   * Whose module scope may be why the isolate ended: the one that was running. Where somebody spoke in its place, any that had
   * run may have done so.
   */
  suspects(includesAll: boolean): Iterable<string> {
    if (includesAll) return this.#announced;
    return this.loading === undefined ? [] : [this.loading];
  }
}
