/**
 * An isolate, as its slot sees it: `isolate.ts` is the real one, a process. What a slot decides is tested with others.
 */
import type { Exiting, FromIsolate, ToIsolate } from "../protocol/messages.ts";
import type { MainThread } from "./process-stats.ts";

export interface IsolateLike {
  /** 0 where no process came to be. */
  readonly pid: number;
  /** Frames of one turn of the loop leave in one write. */
  send(message: ToIsolate, body?: Uint8Array): void;
  /** Ends the process and everything it started. `onExit` follows. */
  kill(): void;
  /** CPU time used so far, in milliseconds; undefined where the system does not say. */
  cpuMs(): number | undefined;
  /** What the thread that runs JavaScript does now; undefined where the system does not say. */
  mainThread(): MainThread | undefined;
  /** Resident memory; undefined where the system does not say. */
  residentBytes(): number | undefined;
  /** Its processes get a lower priority from now on. */
  lowerPriority(): void;
}

export type StartIsolate = (listener: IsolateListener) => IsolateLike;

/** How a process ended, told apart by data. */
export interface IsolateExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What its own code said it was about to do. */
  readonly announced: Exiting | undefined;
  /** V8 gave up for want of heap. */
  readonly isOutOfHeap: boolean;
  /** The end of what it last wrote to its standard error, if anything. */
  readonly stderrTail: string;
  /** Why no process came to be. */
  readonly startError: Error | undefined;
  /** What it said was not of the protocol. */
  readonly protocolError: Error | undefined;
}

export interface IsolateListener {
  onMessage(message: FromIsolate, body: Buffer): void;
  /** Output that did not go through the console: native code, children, the last words of V8. */
  onRawOutput(stream: "stdout" | "stderr", text: string): void;
  /** Once, last: nothing comes after it. */
  onExit(exit: IsolateExit): void;
}
