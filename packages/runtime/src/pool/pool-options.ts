/**
 * What a pool is told about its service once, when it is made.
 */
import type { Setup } from "../protocol/messages.ts";
import type { Debugging } from "./debugging.ts";
import type { OnDiagnosis } from "./invocation.ts";
import type { MachineBudget } from "./machine-budget.ts";
import type { StartSlot } from "./slot-like.ts";
import type { UserSource } from "./user-leases.ts";

export interface PoolOptions {
  /** The service, as it stands in log lines. */
  readonly service: string;
  readonly startSlot: StartSlot;
  readonly setup: Setup;
  /** What this pool shares with the others of the machine. */
  readonly budget: MachineBudget;
  /** Where the user of the isolates comes from; absent: they keep the server's. */
  readonly users?: UserSource | undefined;
  /** Invocations at once, over all isolates; Infinity for no limit. */
  readonly concurrency: number;
  /** How long an invocation over that waits for a place before it is refused. */
  readonly queueTimeoutMs: number;
  /** Time limit of an invocation; Infinity for none. */
  readonly timeoutMs: number;
  readonly reuse: "clean" | "never" | "always";
  /** An isolate runs the handler of one function only. */
  readonly isPerFunction: boolean;
  /** Idle isolates kept ready. */
  readonly spares: number;
  /**
   * Whether those are kept at all times, or only while the service is in use: from its first invocation until
   * `idleTimeoutMs` after its last. Then the pool is cold, and has no process and no timer.
   */
  readonly keepsSpares: "always" | "in-use";
  /** How long an idle isolate beyond the spares is kept. */
  readonly idleTimeoutMs: number;
  /** Resident memory an isolate may take, in bytes. */
  readonly residentLimitBytes: number;
  /** Absent where nobody debugs. */
  readonly debugging?: Debugging | undefined;
  /** Called when isolates are needed that are not there. They start now, or when there is a user and a turn for them. */
  readonly onStart?: (() => void) | undefined;
  /** Called for each isolate that has become ready. */
  readonly onReady?: (() => void) | undefined;
  /** Called when so many starts have failed that what waits for an isolate is refused. */
  readonly onStartGivenUp?: ((detail: string) => void) | undefined;
  /** Called when there is no isolate any more, and none is needed. */
  readonly onCold?: (() => void) | undefined;
  /** Called with each diagnosis, where the setup asks isolates for them. */
  readonly onDiagnosis?: OnDiagnosis | undefined;
}
