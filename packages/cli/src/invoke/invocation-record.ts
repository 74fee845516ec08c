/**
 * What the stages tell of the one invocation.
 */
import { isolateEnded, notices, outputWritten, requestEnded } from "@offhook/runtime/observe";
import type { IsolateEnded, LogLevel, RequestEnded } from "@offhook/runtime/observe";

export interface OutputLine {
  readonly level: LogLevel;
  readonly text: string;
}

export class InvocationRecord {
  readonly logs: OutputLine[] = [];
  /** How the request ended: how long it took, and the author's error with its stack. */
  ended: RequestEnded | undefined;
  isolate: IsolateEnded | undefined;
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
    ];
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
