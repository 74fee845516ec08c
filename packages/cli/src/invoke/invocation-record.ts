/**
 * What the stages tell of the one invocation.
 */
import { hintsGiven, isolateEnded, notices, outputWritten, requestEnded } from "@offhook/runtime/observe";
import type { GivenHint, IsolateEnded, LogLevel, RequestEnded } from "@offhook/runtime/observe";

export interface OutputLine {
  readonly level: LogLevel;
  readonly text: string;
}

export class InvocationRecord {
  readonly logs: OutputLine[] = [];
  /** How the request ended: how long it took, and the author's error with its stack. */
  ended: RequestEnded | undefined;
  isolate: IsolateEnded | undefined;
  readonly #givenHints: GivenHint[] = [];
  readonly #unsubscribe: readonly (() => void)[];

  /** @param onOutput called as it is written. */
  constructor(onOutput: (line: OutputLine) => void) {
    const add = (line: OutputLine): void => {
      this.logs.push(line);
      onOutput(line);
    };
    this.#unsubscribe = [
      outputWritten.subscribe(({ level, text }) => add({ level, text: text.replace(/\n$/, "") })),
      notices.subscribe(({ level, message }) => {
        if (level === "warn" || level === "error") add({ level, text: message });
      }),
      requestEnded.subscribe((ended) => (this.ended = ended)),
      isolateEnded.subscribe((ended) => (this.isolate = ended)),
      hintsGiven.subscribe(({ hints }) => void this.#givenHints.push(...hints)),
    ];
  }

  /** What its author may have meant otherwise: each once, though it may have been said while it ran and at its end. */
  get hints(): readonly GivenHint[] {
    const all = [...this.#givenHints, ...(this.ended?.hints ?? [])];
    return [...new Map(all.map((hint) => [JSON.stringify(hint), hint])).values()];
  }

  /** What still ran after the reply, in words; undefined where all had come to rest. */
  get leftovers(): string | undefined {
    const { reason, detail } = this.isolate ?? {};
    return reason === "leftovers" || reason === "unresponsive" ? detail : undefined;
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }
}
