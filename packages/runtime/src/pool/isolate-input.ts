/** One stream that an isolate writes to, read in the turns that all isolates share. */
import type { Socket } from "node:net";
import { inputTurns, type Input } from "./input-turns.ts";

/** Reads a chunk, or on with the last one where there is none. @returns whether something of it is left. */
export type Consume<Chunk> = (chunk: Chunk | undefined, mayContinue: () => boolean) => boolean;

/** How far one has been read. */
export interface ReadProgress {
  readonly chunksRead: number;
  /** Calls when everything that has arrived is read: at once, or later. */
  whenRead(onRead: () => void): void;
}

export class IsolateInput<Chunk extends Buffer | string> implements Input, ReadProgress {
  readonly #stream: Socket | undefined;
  readonly #consume: Consume<Chunk>;
  #chunks: Chunk[] = [];
  #isBegun = false;
  #isWaiting = false;
  #onRead: (() => void) | undefined;
  chunksRead = 0;

  constructor(stream: Socket | undefined, consume: Consume<Chunk>) {
    this.#stream = stream;
    this.#consume = consume;
    stream?.on("data", (chunk: Chunk) => {
      this.#chunks.push(chunk);
      if (this.#isWaiting) return;
      this.#isWaiting = true;
      inputTurns.offer(this);
      // What is not read at once waits in the kernel, and at last in the isolate.
      if (this.#isWaiting) stream.pause();
    });
    // The process has ended; `exit` says so.
    stream?.on("error", () => {});
  }

  read(mayContinue: () => boolean): boolean {
    do {
      if (!this.#isBegun && this.#chunks.length === 0) {
        this.#onEmpty();
        return false;
      }
      const chunk = this.#isBegun ? undefined : this.#chunks.shift();
      if (!this.#isBegun) this.chunksRead++;
      this.#isBegun = this.#consume(chunk, mayContinue);
    } while (mayContinue());
    return true;
  }

  #onEmpty(): void {
    this.#isWaiting = false;
    if (this.#stream?.isPaused()) this.#stream.resume();
    const onRead = this.#onRead;
    this.#onRead = undefined;
    onRead?.();
  }

  whenRead(onRead: () => void): void {
    if (this.#isWaiting) this.#onRead = onRead;
    else onRead();
  }
}
