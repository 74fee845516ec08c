/** An invocation on its way through the pool. */
import type { Invocation, Outcome } from "./invocation.ts";

export interface Ticket {
  /** The protocol's name for the invocation. Nobody in an isolate can guess another's, and speak for it. */
  readonly id: number;
  readonly invocation: Invocation;
  readonly resolve: (outcome: Outcome) => void;
  /** `performance.now()` when it came to the head of its slot; 0 while it has certainly not started. */
  startedAt: number;
  /** `performance.now()` when its outcome was known; 0 while it is not. */
  repliedAt: number;
  /** CPU time of its isolate some time after that, where it is slow to settle. */
  cpuMsAfterReply: number | undefined;
  /** About how long it will occupy its isolate, as far as one knows when it is given to it. */
  expectedMs: number;
  /** Its isolate has still to start, or to load its function; undefined while it has none. */
  isCold: boolean | undefined;
  /** How often an isolate that had it ended before it could begin. */
  returns: number;
  /** Taken back from an isolate's pipe; where it is now is not yet known. */
  isRetracting: boolean;
}
