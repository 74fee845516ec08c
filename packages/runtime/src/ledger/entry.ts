/**
 * What the ledger (`errors.ts`) says of an error. A leaf: types only.
 */

/** Whose move it is. */
export type Fault = "caller" | "author" | "operator" | "offhook";

export interface LedgerEntry {
  /** HTTP status of the reply; absent for errors that end the command instead. */
  readonly status?: number;
  /** Exit code of the command; absent for errors that answer a request. */
  readonly exitCode?: number;
  readonly fault: Fault;
  /** One sentence for people: what happened. It is the body of the reply where there is one. */
  readonly message: string;
  /** What to do next. */
  readonly next: string;
  /** When the same request may well be taken: the reply's `retry-after`. */
  readonly retryAfterSeconds?: number;
  /** The number under which the hosted product reports the same thing. */
  readonly twilioCode?: number;
}
