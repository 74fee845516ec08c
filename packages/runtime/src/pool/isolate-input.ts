/** Reads one stream that an isolate writes to, in the turns that all isolates share. */
import type { Socket } from "node:net";
import { inputTurns, type Input } from "./input-turns.ts";

/** Reads a chunk, or the rest of the last one if `chunk` is undefined. @returns whether a part of it is left. */
export type Consume<Chunk> = (chunk: Chunk | undefined, mayContinue: () => boolean) => boolean;

/** How far a stream has been read. */
export interface ReadProgress {
  readonly chunksRead: number;
  /** Calls when all data that has arrived is read: at once, or later. */
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
      // Data that is not read at once waits in the kernel. When its buffer is full, the isolate's write waits.
      if (this.#isWaiting) stream.pause();
    });
    // The process has ended. `exit` reports it.
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
