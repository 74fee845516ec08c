/** A process for commands under test. Its streams record their output, and its environment is empty. */
import { Writable } from "node:stream";

import type { CommandContext } from "../src/command-context.ts";

class Memory extends Writable {
  text = "";
  #onText: (() => void) | undefined;

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.text += chunk.toString();
    callback();
    this.#onText?.();
  }

  /** Resolves when the output matches `pattern`. @throws after ten seconds */
  async until(pattern: RegExp): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error(`Nothing like ${pattern} in:\n${this.text}`)), 10_000);
    this.#onText = () => {
      if (pattern.test(this.text)) resolve();
    };
    this.#onText();
    await promise.finally(() => clearTimeout(timer));
  }
}

export interface FakeContext extends CommandContext {
  readonly stdout: Memory;
  readonly stderr: Memory;
}

export function fakeContext(environment: Record<string, string> = {}): FakeContext {
  return { stdout: new Memory(), stderr: new Memory(), environment };
}
