/**
 * Collects what the stages publish about the one invocation.
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

  /** @param onOutput called with each line as it is written. */
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

  /** Hints for the author, without duplicates: a hint can be given during the invocation and again at its end. */
  get hints(): readonly GivenHint[] {
    const all = [...this.#givenHints, ...(this.ended?.hints ?? [])];
    return [...new Map(all.map((hint) => [JSON.stringify(hint), hint])).values()];
  }

  /** A description of the work that still ran after the reply. Undefined if there was none. */
  get leftovers(): string | undefined {
    const { reason, detail } = this.isolate ?? {};
    return reason === "leftovers" || reason === "unresponsive" ? detail : undefined;
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }
}
