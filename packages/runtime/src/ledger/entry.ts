/**
 * An entry of the ledger (`errors.ts`): one error. This file has types only and imports nothing.
 */

/** The person who needs to act, or a bug in Offhook itself. */
export type Fault = "caller" | "author" | "operator" | "offhook";

export interface LedgerEntry {
  /** HTTP status of the reply. Absent for errors that end the command instead. */
  readonly status?: number;
  /** Exit code of the command. Absent for errors that answer a request. */
  readonly exitCode?: number;
  readonly fault: Fault;
  /** One sentence for people: what happened. If a reply is sent, this is its body. */
  readonly message: string;
  /** Whether the detail of an error is a complete message, which then replaces `message`. */
  readonly hasFullDetail?: true;
  /** The next step: how to fix it. */
  readonly next: string;
  /** Seconds until the same request may well succeed: the reply's `retry-after`. */
  readonly retryAfterSeconds?: number;
  /** The number under which the hosted product reports the same error. */
  readonly twilioCode?: number;
}
