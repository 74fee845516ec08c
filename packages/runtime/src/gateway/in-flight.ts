import { extraShare, smallBytes } from "./held-bytes.ts";

/**
 * The requests of one tenant that have no reply yet: how many there are, so that the tenant can end without cutting any of
 * them, and how much of their bodies is held, so that one tenant does not take the room of all.
 */
export class InFlight {
  readonly #limitBytes: number;
  #count = 0;
  #bodyBytes = 0;
  #onIdle: (() => void)[] = [];

  /** @param limitBytes of bodies at once; `Infinity` for no limit. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get count(): number {
    return this.#count;
  }

  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  enter(): void {
    this.#count += 1;
  }

  /** @param bodyBytes what is held of its body. */
  leave(bodyBytes: number): void {
    this.#bodyBytes -= bodyBytes;
    this.#count -= 1;
    if (this.#count === 0 && this.#onIdle.length > 0) for (const onIdle of this.#onIdle.splice(0)) onIdle();
  }

  /**
   * More of a body has arrived. As for the host as a whole, small bodies may use a little more than the limit.
   * @param bodyBytes what there is of it now, with the new bytes.
   * @returns false where there is no room for it: nothing is held then.
   */
  holdBody(bytes: number, bodyBytes: number): boolean {
    const share = bodyBytes <= smallBytes ? 1 + extraShare : 1;
    if (this.#bodyBytes + bytes > this.#limitBytes * share) return false;
    this.#bodyBytes += bytes;
    return true;
  }

  /** The body did not come to its end. */
  releaseBody(bytes: number): void {
    this.#bodyBytes -= bytes;
  }

  /** Resolves when no request is in flight, at once if none is now. */
  idle(): Promise<void> {
    return this.#count === 0 ? Promise.resolve() : new Promise((resolve) => this.#onIdle.push(resolve));
  }
}
