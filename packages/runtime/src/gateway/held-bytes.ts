/**
 * How much of other people's data the gateway holds at once, bodies on their way in and replies on their way out. Each has
 * a limit of its own, but there may be ten thousand of them.
 */

/** Up to here nothing is refused: what Twilio sends is far smaller, and shall come through whoever else fills the rest. */
const smallBytes = 65_536;

export class HeldBytes {
  readonly #limitBytes: number;
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** How much too much is held; 0 or less for none. */
  get excessBytes(): number {
    return this.#bytes - this.#limitBytes;
  }

  hold(bytes: number): void {
    this.#bytes += bytes;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** Whether a body that has come to so many bytes may grow further. */
  hasRoomFor(bodyBytes: number): boolean {
    return bodyBytes <= smallBytes || this.excessBytes <= 0;
  }
}
