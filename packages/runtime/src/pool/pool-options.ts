/**
 * What a pool is told about its service once, when it is made.
 */
import type { Setup } from "../protocol/messages.ts";
import type { OnDiagnosis } from "./invocation.ts";
import type { IsolateOptions } from "./isolate.ts";

export interface PoolOptions {
  /** The service, as it stands in log lines. */
  readonly service: string;
  readonly isolate: IsolateOptions;
  readonly setup: Setup;
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
  /** How long an idle isolate beyond those is kept. */
  readonly idleTimeoutMs: number;
  /** Resident memory an isolate may take, in bytes. */
  readonly residentLimitBytes: number;
  /** Isolates that may be starting at once, about the number of processors. */
  readonly parallelStarts: number;
  /** Called at the start of each isolate. */
  readonly onStart?: (() => void) | undefined;
  /** Called for each isolate that has become ready. */
  readonly onReady?: (() => void) | undefined;
  /** Called when so many starts have failed that what waits for an isolate is refused. */
  readonly onHopeless?: ((detail: string) => void) | undefined;
  /** Called with each diagnosis, where the setup asks isolates for them. */
  readonly onDiagnosis?: OnDiagnosis | undefined;
}
