/**
 * The options that a pool gets when it is made.
 */
import type { Setup } from "../protocol/messages.ts";
import type { Debugging } from "./debugging.ts";
import type { OnDiagnosis } from "./invocation.ts";
import type { MachineBudget } from "./machine-budget.ts";
import type { StartSlot } from "./slot-like.ts";
import type { UserSource } from "./user-leases.ts";

export interface PoolOptions {
  /** The service's name in log lines. */
  readonly service: string;
  /** The deployment's name in events about output, on a server with deployments. */
  readonly deployment?: string | undefined;
  readonly startSlot: StartSlot;
  readonly setup: Setup;
  /** The resources that this pool shares with the others of the machine. */
  readonly budget: MachineBudget;
  /** The source of the isolates' user. Absent: isolates keep the server's user. */
  readonly users?: UserSource | undefined;
  /** Maximum number of invocations at once, in all isolates. Infinity for no limit. */
  readonly concurrency: number;
  /** How long an invocation over that limit waits before it is rejected. */
  readonly queueTimeoutMs: number;
  /** Time limit of an invocation. Infinity for none. */
  readonly timeoutMs: number;
  readonly reuse: "clean" | "never" | "always";
  /** Whether an isolate runs the handler of one function only. */
  readonly isPerFunction: boolean;
  /** Number of idle isolates kept ready. */
  readonly spares: number;
  /**
   * Whether spares are kept at all times, or only while the service is in use: from its first invocation until
   * `idleTimeoutMs` after its last. After that the pool is cold: it has no process and no timer.
   */
  readonly keepsSpares: "always" | "in-use";
  /** How long an idle isolate beyond the spares is kept. */
  readonly idleTimeoutMs: number;
  /** Limit of an isolate's resident memory, in bytes. */
  readonly residentLimitBytes: number;
  /** Absent without a debugger. */
  readonly debugging?: Debugging | undefined;
  /** Called when more isolates are needed. They start now, or when there is a user and a turn for them. */
  readonly onStart?: (() => void) | undefined;
  /** Called for each isolate that is ready. */
  readonly onReady?: (() => void) | undefined;
  /** Called when so many starts have failed that the queued invocations fail. */
  readonly onStartGivenUp?: ((detail: string) => void) | undefined;
  /** Called when the last isolate is gone and none is needed. */
  readonly onCold?: (() => void) | undefined;
  /** Called with each diagnosis, if the setup asks isolates for them. */
  readonly onDiagnosis?: OnDiagnosis | undefined;
}
