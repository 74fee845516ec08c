/**
 * The pool's whole interface for its callers: invocations in, outcomes out.
 */
import type { Diagnosis, SerializedError } from "../protocol/messages.ts";
import type { ReplyErrorCode } from "../errors.ts";

export type { Diagnosis };

/** One request to one function. */
export interface Invocation {
  /** `RQ` and 32 hex digits. Connects output and log lines to the request. */
  readonly requestId: string;
  /** Key of the function: `sms/reply`. */
  readonly function: string;
  /** Path of the request, with the leading slash and without the query. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** Host (and port) of the service, for `context.DOMAIN_NAME`. */
  readonly domain: string;
  /** Node's `rawHeaders`. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
  /** Set by `abandon`, when the caller no longer waits for the outcome. */
  isAbandoned: boolean;
}

/** The author's reply. */
export interface ReplyOutcome {
  readonly kind: "reply";
  readonly status: number;
  /** Names and values alternate. Without `content-length`. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
  /** Number of running invocations when this one replied, itself included. */
  readonly running: number;
  /** Whether its isolate still had to start, or to load the function. */
  readonly isCold?: boolean | undefined;
  readonly timings?: InvocationTimings | undefined;
  /** Set if the author called back with an error. */
  readonly failure?: ReplyErrorCode;
}

/** The author's code did not reply, so the gateway writes a reply from the ledger. */
export interface FailedOutcome {
  readonly kind: "failed";
  readonly code: ReplyErrorCode;
  readonly error?: SerializedError;
  /** More for the log, never for the caller. */
  readonly detail?: string;
  readonly running: number;
  /** As above. Absent if no isolate had the invocation. */
  readonly isCold?: boolean | undefined;
  readonly timings?: InvocationTimings | undefined;
}

/** In development: called while an invocation runs, and after its reply. Functions can forge diagnoses. */
export type OnDiagnosis = (invocation: Invocation, diagnosis: Diagnosis) => void;

/** Times of an invocation in the pool, on the clock of `performance.now()`. Only present if exchanges are observed. */
export interface InvocationTimings {
  readonly pid: number;
  /** Which invocation of its isolate it is. The first is 1. */
  readonly invocation: number;
  readonly launchedAt: number;
  /** Undefined if the isolate was never ready. */
  readonly readyAt: number | undefined;
  readonly startedAt: number;
  /** Undefined if the function was loaded already. */
  readonly loadedAt: number | undefined;
  readonly repliedAt: number;
}

export type Outcome = ReplyOutcome | FailedOutcome;

/** A pool never rejects: every invocation has an outcome. */
export interface Invoker {
  invoke(invocation: Invocation): Promise<Outcome>;
  /** The caller has disconnected. The function still runs to its end, as when hosted, but it is notified. */
  abandon(invocation: Invocation): void;
}
