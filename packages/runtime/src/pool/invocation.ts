/**
 * What the gateway asks of a pool, and what it gets back. The pool's whole surface for its callers.
 */
import type { Diagnosis, SerializedError } from "../protocol/messages.ts";
import type { ReplyErrorCode } from "../errors.ts";

export type { Diagnosis };

/** One request to one function. */
export interface Invocation {
  /** `RQ` and 32 hex digits: ties output and log lines to the request. */
  readonly requestId: string;
  /** Key of the function: `sms/reply`. */
  readonly function: string;
  /** Path of the request, with its leading slash and without the query. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** Host (and port) of the service, for `context.DOMAIN_NAME`. */
  readonly domain: string;
  /** Node's `rawHeaders`. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
  /** Set when nobody waits for the outcome any more, by `abandon`. */
  isAbandoned: boolean;
}

/** The author's reply. */
export interface ReplyOutcome {
  readonly kind: "reply";
  readonly status: number;
  /** Names and values in turn, without `content-length`. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
  /** Invocations running when this one replied, itself included. */
  readonly running: number;
  /** Whether its isolate had still to start, or to load the function. */
  readonly isCold?: boolean | undefined;
  readonly timings?: InvocationTimings | undefined;
  /** Set where the author called back with an error of his own making. */
  readonly failure?: ReplyErrorCode;
}

/** No reply of the author's: the gateway writes one from the ledger. */
export interface FailedOutcome {
  readonly kind: "failed";
  readonly code: ReplyErrorCode;
  readonly error?: SerializedError;
  /** More for the log, never for the caller. */
  readonly detail?: string;
  readonly running: number;
  /** As above; absent where no isolate had it. */
  readonly isCold?: boolean | undefined;
  readonly timings?: InvocationTimings | undefined;
}

/** In development: called while an invocation runs, and after its reply. Functions can forge diagnoses. */
export type OnDiagnosis = (invocation: Invocation, diagnosis: Diagnosis) => void;

/** How it went on its way through the pool, on the clock of `performance.now()`; only where somebody watches. */
export interface InvocationTimings {
  readonly pid: number;
  /** The first of its isolate is 1. */
  readonly invocation: number;
  readonly launchedAt: number;
  /** Undefined where the isolate was never ready. */
  readonly readyAt: number | undefined;
  readonly startedAt: number;
  /** Undefined where the function was loaded already. */
  readonly loadedAt: number | undefined;
  readonly repliedAt: number;
}

export type Outcome = ReplyOutcome | FailedOutcome;

/** A pool never rejects: every invocation has an outcome. */
export interface Invoker {
  invoke(invocation: Invocation): Promise<Outcome>;
  /** The caller is gone. What he asked for is done all the same, as hosted, but the function is told. */
  abandon(invocation: Invocation): void;
}
