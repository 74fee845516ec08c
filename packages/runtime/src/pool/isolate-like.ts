/**
 * An isolate, as its slot sees it. `isolate.ts` is the real one, a process. Tests of a slot's decisions use others.
 */
import type { Exiting, FromIsolate, ToIsolate } from "../protocol/messages.ts";
import type { MainThread } from "./process-stats.ts";

export interface IsolateLike {
  /** 0 if no process was started. */
  readonly pid: number;
  /** All frames of one turn of the event loop are sent in one write. */
  send(message: ToIsolate, body?: Uint8Array): void;
  /** Kills the process and everything it started. `onExit` follows. */
  kill(): void;
  /** CPU time used so far, in milliseconds. Undefined if the system does not report it. */
  cpuMs(): number | undefined;
  /** The current state of the thread that runs JavaScript. Undefined if the system does not report it. */
  mainThread(): MainThread | undefined;
  /** Resident memory. Undefined if the system does not report it. */
  residentBytes(): number | undefined;
  /** Lowers the priority of its processes, for good. */
  lowerPriority(): void;
}

export type StartIsolate = (listener: IsolateListener) => IsolateLike;

/** How a process ended. */
export interface IsolateExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What its code announced just before, such as a call of `process.exit()`. */
  readonly announced: Exiting | undefined;
  /** Whether V8 ran out of heap. */
  readonly isOutOfHeap: boolean;
  /** The end of its last output to standard error. */
  readonly stderrTail: string;
  /** Why no process could be started. */
  readonly startError: Error | undefined;
  /** How it violated the protocol. */
  readonly protocolError: Error | undefined;
}

export interface IsolateListener {
  onMessage(message: FromIsolate, body: Buffer): void;
  /** Output that did not go through the console: of native code, of child processes, and V8's last message. */
  onRawOutput(stream: "stdout" | "stderr", text: string): void;
  /** Called once, as the last call. */
  onExit(exit: IsolateExit): void;
}
