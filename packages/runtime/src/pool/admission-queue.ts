/**
 * Invocations over the concurrency limit. They wait for a short time, which evens out bursts. Then they are rejected
 * (row 25).
 */
import type { Ticket } from "./ticket.ts";

/** Invocations beyond this number are rejected at once, because each one that waits holds a connection and a body. */
const maxWaiting = 1_000;

export class AdmissionQueue {
  readonly #timeoutMs: number;
  /** In order of arrival. */
  readonly #waiting: { readonly ticket: Ticket; since: number }[] = [];

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** @returns false if the queue is full. */
  admit(ticket: Ticket): boolean {
    if (this.#timeoutMs === 0 || this.#waiting.length >= maxWaiting) return false;
    this.#waiting.push({ ticket, since: ticket.admittedAt });
    return true;
  }

  /** Removes and returns the one that has waited longest. */
  next(): Ticket | undefined {
    return this.#waiting.shift()?.ticket;
  }

  /** Excludes time in which the gateway was held up. */
  excludeStall(now: number, stalledMs: number): void {
    for (const each of this.#waiting) each.since += Math.min(stalledMs, now - each.since);
  }

  /** Removes and returns one that has waited too long, if there is one. */
  nextExpired(now: number): Ticket | undefined {
    const first = this.#waiting[0];
    return first !== undefined && now - first.since >= this.#timeoutMs ? this.next() : undefined;
  }
}
