/** Counts the requests that one tenant still owes a reply, so that it can end without cutting any of them. */
export class InFlight {
  #count = 0;
  #onIdle: (() => void)[] = [];

  get count(): number {
    return this.#count;
  }

  enter(): void {
    this.#count += 1;
  }

  leave(): void {
    this.#count -= 1;
    if (this.#count === 0 && this.#onIdle.length > 0) for (const onIdle of this.#onIdle.splice(0)) onIdle();
  }

  /** Resolves when no request is in flight, at once if none is now. */
  idle(): Promise<void> {
    return this.#count === 0 ? Promise.resolve() : new Promise((resolve) => this.#onIdle.push(resolve));
  }
}
