/**
 * What the last invocations have written: for whoever looks at one of them a moment later.
 */
import { outputWritten, type OutputWritten } from "./channels.ts";

const invocationsAtMost = 200;
const linesAtMost = 200;
const charactersAtMost = 2_000;

export type OutputLine = Pick<OutputWritten, "level" | "text">;

export class InvocationOutput {
  readonly #lines = new Map<string, OutputLine[]>();
  /** Ends the listening. */
  readonly stop: () => void;

  constructor() {
    this.stop = outputWritten.subscribe(({ requestId, level, text }) => {
      if (requestId === undefined) return;
      const lines = this.#lines.get(requestId) ?? [];
      if (lines.length < linesAtMost) lines.push({ level, text: text.slice(0, charactersAtMost) });
      this.#lines.set(requestId, lines);
      const [oldest] = this.#lines.keys();
      if (this.#lines.size > invocationsAtMost && oldest !== undefined) this.#lines.delete(oldest);
    });
  }

  of(requestId: string): readonly OutputLine[] {
    return this.#lines.get(requestId) ?? [];
  }
}
