/** Limits the requests of a key in a second. */
import { ApiError } from "../api-error.ts";

export class RequestRates {
  readonly #perSecond: number;
  #second = 0;
  #counts = new Map<string, number>();

  /** @param perSecond `Infinity` for no limit. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** @throws ApiError 429 */
  check(actor: string): void {
    if (this.#perSecond === Infinity) return;
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#counts = new Map();
    }
    const count = (this.#counts.get(actor) ?? 0) + 1;
    this.#counts.set(actor, count);
    if (count <= this.#perSecond) return;
    throw new ApiError({
      status: 429,
      code: 20429,
      message: `Too many requests. This server allows ${this.#perSecond} in a second. Try again in a second.`,
      retryAfter: 1,
    });
  }
}
