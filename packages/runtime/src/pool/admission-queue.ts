/**
 * Invocations over the concurrency limit. A short wait evens out bursts; what is still over the limit after
 * it is refused (row 25).
 */
import type { Ticket } from "./ticket.ts";

/** More than this do not wait, they are refused at once: each holds a connection and a body. */
const maxWaiting = 1_000;

export class AdmissionQueue {
  readonly #timeoutMs: number;
  /** In the order they came. */
  readonly #waiting: { readonly ticket: Ticket; since: number }[] = [];

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** @returns false where there is no place left. */
  admit(ticket: Ticket): boolean {
    if (this.#timeoutMs === 0 || this.#waiting.length >= maxWaiting) return false;
    this.#waiting.push({ ticket, since: ticket.admittedAt });
    return true;
  }

  /** The one that has waited longest leaves. */
  next(): Ticket | undefined {
    return this.#waiting.shift()?.ticket;
  }

  /** Time in which the gateway was held up does not count. */
  excludeStall(now: number, stalledMs: number): void {
    for (const each of this.#waiting) each.since += Math.min(stalledMs, now - each.since);
  }

  /** One that has waited too long leaves, if there is one. */
  nextExpired(now: number): Ticket | undefined {
    const first = this.#waiting[0];
    return first !== undefined && now - first.since >= this.#timeoutMs ? this.next() : undefined;
  }
}
