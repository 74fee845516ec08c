import { noteGarbage } from "../garbage.ts";
import type { HeldBytes } from "./held-bytes.ts";

/**
 * How many requests are owed a reply, and whether the server is on its way out.
 * Counted by hand and not by listening for each response's end: that is a listener less per request.
 */
export class Traffic {
  isDraining = false;
  readonly held: HeldBytes;
  #pending = 0;
  #onIdle: (() => void) | undefined;

  constructor(held: HeldBytes) {
    this.held = held;
  }

  /** A request has come in. */
  enter(): void {
    this.#pending += 1;
  }

  /** Its reply was handed to the socket, or can no longer be. So much was held of its body. */
  leave(heldBytes: number): void {
    this.#pending -= 1;
    if (heldBytes > 0) {
      this.held.release(heldBytes);
      noteGarbage(heldBytes);
    }
    if (this.#pending === 0 && this.#onIdle !== undefined) this.#onIdle();
  }

  /** From now on replies close their connection. `onIdle` is called whenever nothing is owed, at once if so now. */
  drain(onIdle: () => void): void {
    this.isDraining = true;
    this.#onIdle = onIdle;
    if (this.#pending === 0) onIdle();
  }
}
