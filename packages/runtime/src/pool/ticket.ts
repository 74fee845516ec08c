/** An invocation on its way through the pool. */
import type { Invocation, Outcome } from "./invocation.ts";

export interface Ticket {
  /** Unique within the pool; the protocol's name for the invocation. */
  readonly id: number;
  readonly invocation: Invocation;
  readonly resolve: (outcome: Outcome) => void;
  /** `performance.now()` when it came to the head of its slot; 0 while it has certainly not started. */
  startedAt: number;
  /** Its deadline while it runs; the time to settle after its reply. */
  timer: NodeJS.Timeout | undefined;
  hasReplied: boolean;
  /** Taken back from an isolate's pipe; where it is now is not yet known. */
  isRetracting: boolean;
}
