/**
 * Keeps the output of the last invocations of one service, because its author looks at one of them a moment later.
 */
import { outputWritten, type OutputWritten } from "./channels.ts";

const maxInvocations = 200;
const maxLines = 200;
const maxCharacters = 2_000;

export type OutputLine = Pick<OutputWritten, "level" | "text">;

export class InvocationOutput {
  readonly #lines = new Map<string, OutputLine[]>();
  /** Ends the subscription. */
  readonly stop: () => void;

  /** @param service the service's sid. */
  constructor(service: string) {
    this.stop = outputWritten.subscribe(({ service: source, requestId, level, text }) => {
      if (requestId === undefined || source !== service) return;
      const lines = this.#lines.get(requestId) ?? [];
      if (lines.length < maxLines) lines.push({ level, text: text.slice(0, maxCharacters) });
      this.#lines.set(requestId, lines);
      const [oldest] = this.#lines.keys();
      if (this.#lines.size > maxInvocations && oldest !== undefined) this.#lines.delete(oldest);
    });
  }

  of(requestId: string): readonly OutputLine[] {
    return this.#lines.get(requestId) ?? [];
  }
}
