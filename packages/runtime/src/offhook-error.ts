/** What is thrown where the ledger has an entry for it. This file is a leaf, but for the ledger. */
import { ledger, type ErrorCode } from "./errors.ts";

/**
 * An error from the ledger. Recognised by its brand with `isOffhookError`, not by `instanceof`:
 * errors cross processes and duplicated packages.
 */
export class OffhookError extends Error {
  readonly offhookError = true;
  readonly code: ErrorCode;
  /** What exactly: the file, the setting, the port. */
  readonly detail: string;

  constructor(code: ErrorCode, detail = "", options?: ErrorOptions) {
    super(detail === "" ? ledger[code].message : `${ledger[code].message}: ${detail}`, options);
    this.name = "OffhookError";
    this.code = code;
    this.detail = detail;
  }
}

export function isOffhookError(value: unknown): value is OffhookError {
  return typeof value === "object" && value !== null && "offhookError" in value;
}
