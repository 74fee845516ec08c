/**
 * Invocations over the concurrency limit. A short wait evens out bursts; what is still over the limit after
 * it is refused (row 25).
 */
import type { Ticket } from "./ticket.ts";

/** More than this do not wait, they are refused at once: each holds a connection and a body. */
const seats = 1_000;

export class WaitingRoom {
  readonly #timeoutMs: number;
  /** In the order they came. */
  readonly #seated: { readonly ticket: Ticket; since: number }[] = [];

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** @returns false where there is no seat left. */
  admit(ticket: Ticket): boolean {
    if (this.#timeoutMs === 0 || this.#seated.length >= seats) return false;
    this.#seated.push({ ticket, since: performance.now() });
    return true;
  }

  /** The one that has waited longest leaves. */
  next(): Ticket | undefined {
    return this.#seated.shift()?.ticket;
  }

  /** Time in which the gateway was held up is nobody's. */
  excuse(stalledMs: number): void {
    for (const seat of this.#seated) seat.since += stalledMs;
  }

  /** One that has waited too long leaves, if there is one. */
  nextExpired(now: number): Ticket | undefined {
    const first = this.#seated[0];
    return first !== undefined && now - first.since >= this.#timeoutMs ? this.next() : undefined;
  }
}
