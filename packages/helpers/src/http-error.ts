/**
 * A reply as an error: if it is thrown anywhere in a handler, it becomes the reply.
 */
import type { Failure } from "./failure.ts";

export interface HttpErrorOptions {
  /** Body of the reply, instead of `{ success: false, message }`. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** Identifies an `HttpError` even if the package is loaded twice. */
const mark = Symbol.for("offhook.http-error");

export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly [mark] = true;
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;

  /** @param status an integer from 400 to 599. @throws RangeError for any other value. */
  constructor(status: number, message: string, options: HttpErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new RangeError(`Invalid HttpError status: ${status}. Expected an integer from 400 to 599.`);
    }
    this.status = status;
    this.body = options.body ?? { success: false, message };
    this.headers = options.headers ?? {};
  }

  /** An error with the status, message and codes of a failed call. */
  static of(failure: Failure): HttpError {
    const { message, status, twilioErrorCode, twilioDocPage, retryAfterSeconds } = failure;
    const isErrorStatus = Number.isInteger(status) && status >= 400 && status <= 599;
    return new HttpError(isErrorStatus ? status : 500, String(message), {
      body: { success: false, message, twilioDocPage, twilioErrorCode },
      ...(retryAfterSeconds !== undefined && { headers: { "Retry-After": String(retryAfterSeconds) } }),
    });
  }
}

export function isHttpError(error: unknown): error is HttpError {
  return typeof error === "object" && error !== null && mark in error;
}
