/**
 * Holds requests back while the service changes.
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

  /** Resolves when no holder keeps it closed. */
  async opened(): Promise<void> {
    while (!this.isOpen) await this.#opened;
  }

  /** @returns the function that releases this hold. A second call does nothing. */
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

  /** Opens it, whatever holds remain. */
  open(): void {
    this.#holders = 0;
    this.#open();
  }
}
