/**
 * The ledger: every error that Offhook can raise, in one table.
 *
 * A code is stable, because people search for it. It appears in the log, in the `x-offhook-error` header of a reply,
 * and in `docs/reference/errors.md`. A test compares that page with this table.
 */
import { commandErrors } from "./ledger/commands.ts";
import type { LedgerEntry } from "./ledger/entry.ts";
import { functionErrors } from "./ledger/functions.ts";
import { requestErrors } from "./ledger/requests.ts";
import { servingErrors } from "./ledger/serving.ts";

export type { Fault, LedgerEntry } from "./ledger/entry.ts";
export { exitCodes } from "./ledger/exit-codes.ts";

export const ledger = { ...requestErrors, ...functionErrors, ...servingErrors, ...commandErrors };

export type ErrorCode = keyof typeof ledger;

/** Codes whose entry answers a request. */
export type ReplyErrorCode = {
  [K in ErrorCode]: (typeof ledger)[K] extends { status: number } ? K : never;
}[ErrorCode];

/** The ledger's entry, with its optional columns visible. */
export function entryOf(code: ErrorCode): LedgerEntry {
  return ledger[code];
}

/** The HTTP status of an error that answers a request. */
export function statusOf(code: ReplyErrorCode): number {
  return ledger[code].status;
}
