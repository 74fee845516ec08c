/**
 * A process for commands under test: streams that remember, an environment that is empty.
 */
import { Writable } from "node:stream";

import type { Surroundings } from "../src/surroundings.ts";

class Memory extends Writable {
  text = "";
  readonly isTTY: boolean;
  #onText: (() => void) | undefined;

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.text += chunk.toString();
    callback();
    this.#onText?.();
  }

  /** Resolves when `pattern` is in what was written. */
  async until(pattern: RegExp): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onText = () => {
      if (pattern.test(this.text)) resolve();
    };
    this.#onText();
    await promise;
  }
}

export interface FakeSurroundings extends Surroundings {
  readonly stdout: Memory;
  readonly stderr: Memory;
}

export function fakeSurroundings(environment: Record<string, string> = {}, isTTY = false): FakeSurroundings {
  return { stdout: new Memory(isTTY), stderr: new Memory(false), environment };
}
