/**
 * What a debugger means to the pool, where there is one: the pool has one isolate at a time then, and its clock stands
 * while nothing can run.
 */
import type { FromIsolate, Setup, ToIsolate } from "../protocol/messages.ts";

/** An isolate says where it can be debugged. */
export type Debuggable = Extract<FromIsolate, { kind: "debugger" }>;

export interface Debugging {
  /** For the next isolate. */
  setup(): NonNullable<Setup["debugger"]>;
  /** @param tell what speaks to the isolate that has said it. */
  onMessage(message: Debuggable, tell: (message: ToIsolate) => void): void;
  /** The process is gone. @param hasServed whether it had an invocation. */
  onEnded(hasServed: boolean): void;
  /** Stopped by a debugger, or waiting for one. */
  readonly isHeld: boolean;
  /** How long it was held since the last time this was asked. */
  takeHeldMs(now: number): number;
  /** Without what Node writes to the standard error about debuggers: it names addresses that nobody should use. */
  withoutNotes(text: string): string;
}
