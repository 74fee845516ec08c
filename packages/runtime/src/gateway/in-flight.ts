import { extraShare, smallBytes } from "./held-bytes.ts";

/**
 * Counts the requests of one tenant that have no reply yet, so that the tenant can end without cutting any of them. It
 * also counts the held bytes of their bodies, so that one tenant does not use the room of all.
 */
export class InFlight {
  readonly #limitBytes: number;
  #count = 0;
  #bodyBytes = 0;
  #onIdle: (() => void)[] = [];

  /** @param limitBytes for all bodies at once. `Infinity` for no limit. */
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

  /** @param bodyBytes the held bytes of its body. */
  leave(bodyBytes: number): void {
    this.#bodyBytes -= bodyBytes;
    this.#count -= 1;
    if (this.#count === 0 && this.#onIdle.length > 0) for (const onIdle of this.#onIdle.splice(0)) onIdle();
  }

  /**
   * More of a body has arrived. As for the host as a whole, small bodies may use a little more than the limit.
   * @param bodyBytes the size of the body so far, including the new bytes.
   * @returns false if there is no room. The new bytes are not held then.
   */
  holdBody(bytes: number, bodyBytes: number): boolean {
    const share = bodyBytes <= smallBytes ? 1 + extraShare : 1;
    if (this.#bodyBytes + bytes > this.#limitBytes * share) return false;
    this.#bodyBytes += bytes;
    return true;
  }

  /** Call it for a body that did not arrive completely. */
  releaseBody(bytes: number): void {
    this.#bodyBytes -= bytes;
  }

  /** Resolves when no request is in flight. Resolves at once if there is none now. */
  idle(): Promise<void> {
    return this.#count === 0 ? Promise.resolve() : new Promise((resolve) => this.#onIdle.push(resolve));
  }
}
