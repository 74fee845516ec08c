import type { ServerResponse } from "node:http";
import type { HeldBytes } from "./held-bytes.ts";

/**
 * How many requests are owed a reply, and whether the server is on its way out.
 * Counted by hand and not by listening for each response's end: that is a listener less per request.
 */
export class Traffic {
  isDraining = false;
  readonly held: HeldBytes;
  #owed = 0;
  #onIdle: (() => void) | undefined;

  readonly #makeRoom: (excessBytes: number) => void;

  /** @param makeRoom called where more is held than may be, with how much. */
  constructor(held: HeldBytes, makeRoom: (excessBytes: number) => void) {
    this.held = held;
    this.#makeRoom = makeRoom;
  }

  /** A large reply is about to be written; it is held until its client has read it, or is gone. */
  holdReply(response: ServerResponse, bytes: number): void {
    this.held.hold(bytes);
    response.once("close", () => this.held.release(bytes));
    if (this.held.excessBytes > 0) this.#makeRoom(this.held.excessBytes);
  }

  /** A request has come in. */
  enter(): void {
    this.#owed += 1;
  }

  /** Its reply was handed to the socket, or can no longer be. So much was held of its body. */
  leave(heldBytes: number): void {
    this.#owed -= 1;
    if (heldBytes > 0) this.held.release(heldBytes);
    if (this.#owed === 0 && this.#onIdle !== undefined) this.#onIdle();
  }

  /** From now on replies close their connection. `onIdle` is called whenever nothing is owed, at once if so now. */
  drain(onIdle: () => void): void {
    this.isDraining = true;
    this.#onIdle = onIdle;
    if (this.#owed === 0) onIdle();
  }
}
