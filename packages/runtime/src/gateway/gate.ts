/**
 * Holds requests back while something about the service changes.
 */
export class Gate {
  /** How often it has been closed. */
  closeCount = 0;
  #holders = 0;
  #opened = Promise.resolve();
  #open: () => void = () => undefined;

  get isOpen(): boolean {
    return this.#holders === 0;
  }

  /** Resolves when nobody holds it any more. */
  async opened(): Promise<void> {
    while (!this.isOpen) await this.#opened;
  }

  /** @returns what lets go of it; a second time does nothing. */
  close(): () => void {
    if (this.#holders === 0) {
      this.closeCount += 1;
      this.#opened = new Promise((resolve) => (this.#open = resolve));
    }
    this.#holders += 1;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      if (this.#holders > 0 && --this.#holders === 0) this.#open();
    };
  }

  /** For good, whoever holds it. */
  open(): void {
    this.#holders = 0;
    this.#open();
  }
}
