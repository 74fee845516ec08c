/**
 * What a debugger means to the pool, where there is one: the pool has one isolate at a time then, and its clock stands
 * while nothing can run.
 */
import type { FromIsolate, Setup } from "../protocol/messages.ts";

/** An isolate says where it can be debugged. */
export type Debuggable = Extract<FromIsolate, { kind: "debugger" }>;

export interface Debugging {
  /** For the next isolate. */
  setup(): NonNullable<Setup["debugger"]>;
  onMessage(message: Debuggable): void;
  /** It is about to end itself, for which Node would wait until no debugger is connected. */
  onExiting(): void;
  /** The process is gone. @param hasServed whether it had an invocation. */
  onEnded(hasServed: boolean): void;
  /** Stopped by a debugger, or waiting for one. */
  readonly isHeld: boolean;
  /** How long it was held since the last time this was asked. */
  takeHeldMs(now: number): number;
  /** Without what Node writes to the standard error about debuggers: it names addresses that nobody should use. */
  withoutNotes(text: string): string;
}
