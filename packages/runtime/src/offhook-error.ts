/** The class of all errors from the ledger. This file imports only the ledger. */
import { entryOf, type ErrorCode } from "./errors.ts";

/**
 * An error from the ledger. Recognised by its brand with `isOffhookError`, not by `instanceof`:
 * errors cross processes and duplicated packages.
 */
export class OffhookError extends Error {
  readonly offhookError = true;
  readonly code: ErrorCode;
  /** The file, setting or port that the error is about. If `hasFullDetail` is set, a complete message. */
  readonly detail: string;

  constructor(code: ErrorCode, detail = "", options?: ErrorOptions) {
    const { message, hasFullDetail } = entryOf(code);
    super(detail === "" ? message : hasFullDetail ? detail : `${message}: ${detail}`, options);
    this.name = "OffhookError";
    this.code = code;
    this.detail = detail;
  }
}

export function isOffhookError(value: unknown): value is OffhookError {
  return typeof value === "object" && value !== null && "offhookError" in value;
}
