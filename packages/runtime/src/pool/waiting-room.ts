/**
 * Invocations over the concurrency limit. A short wait evens out bursts; what is still over the limit after
 * it is refused (row 25).
 */
import type { Ticket } from "./ticket.ts";

/** More than this do not wait, they are refused at once: each holds a connection and a body. */
const seats = 1_000;

export class WaitingRoom {
  readonly #timeoutMs: number;
  readonly #onExpired: (ticket: Ticket) => void;
  /** In the order they came. */
  readonly #tickets = new Set<Ticket>();

  constructor(timeoutMs: number, onExpired: (ticket: Ticket) => void) {
    this.#timeoutMs = timeoutMs;
    this.#onExpired = onExpired;
  }

  /** @returns false where there is no seat left. */
  admit(ticket: Ticket): boolean {
    if (this.#tickets.size >= seats) return false;
    this.#tickets.add(ticket);
    ticket.timer = setTimeout(() => {
      this.#tickets.delete(ticket);
      this.#onExpired(ticket);
    }, this.#timeoutMs);
    return true;
  }

  /** The one that has waited longest leaves. */
  next(): Ticket | undefined {
    const [ticket] = this.#tickets;
    if (ticket === undefined) return undefined;
    this.#tickets.delete(ticket);
    clearTimeout(ticket.timer);
    ticket.timer = undefined;
    return ticket;
  }
}
