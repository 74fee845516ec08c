/**
 * The debugger, as the pool sees it. With a debugger, the pool has one isolate at a time, and its clock stops while
 * nothing can run.
 */
import type { FromIsolate, Setup } from "../protocol/messages.ts";

/** An isolate's message that says where it can be debugged. */
export type Debuggable = Extract<FromIsolate, { kind: "debugger" }>;

export interface Debugging {
  /** The part of the setup for the next isolate. */
  setup(): NonNullable<Setup["debugger"]>;
  onMessage(message: Debuggable): void;
  /** The isolate is about to exit. Node would first wait until no debugger is connected. */
  onExiting(): void;
  /** The process is gone. @param hasServed whether it had an invocation. */
  onEnded(hasServed: boolean): void;
  /** Whether the isolate is stopped by a debugger, or waits for one. */
  readonly isHeld: boolean;
  /** How long it was held since the last call. */
  takeHeldMs(now: number): number;
  /** Removes Node's notes about debuggers from standard error. They name addresses that nobody should use. */
  withoutNotes(text: string): string;
}
