import { noteGarbage } from "../garbage.ts";
import type { HeldBytes } from "./held-bytes.ts";

/**
 * Counts requests without a reply, and knows whether the server is draining. Callers count explicitly, which saves one
 * listener for each request.
 */
export class Traffic {
  isDraining = false;
  readonly held: HeldBytes;
  #pending = 0;
  #onIdle: (() => void) | undefined;

  constructor(held: HeldBytes) {
    this.held = held;
  }

  /** Call it when a request arrives. */
  enter(): void {
    this.#pending += 1;
  }

  /** The socket has the reply, or can no longer get it. @param heldBytes the held bytes of the request's body. */
  leave(heldBytes: number): void {
    this.#pending -= 1;
    if (heldBytes > 0) {
      this.held.release(heldBytes);
      noteGarbage(heldBytes);
    }
    if (this.#pending === 0 && this.#onIdle !== undefined) this.#onIdle();
  }

  /**
   * From now on, replies close their connection. `onIdle` is called whenever no reply is due, and at once if none is
   * now.
   */
  drain(onIdle: () => void): void {
    this.isDraining = true;
    this.#onIdle = onIdle;
    if (this.#pending === 0) onIdle();
  }
}
