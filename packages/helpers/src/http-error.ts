/**
 * An answer as an error: thrown anywhere in a handler, it becomes the reply.
 */
import type { Failure } from "./failure.ts";

export interface HttpErrorOptions {
  /** Of the reply, instead of `{ success: false, message }`. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** Tells an `HttpError` also where the package exists twice. */
const mark = Symbol.for("offhook.http-error");

export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly [mark] = true;
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;

  /** @param status 400 to 599. @throws RangeError if it is none of these. */
  constructor(status: number, message: string, options: HttpErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new RangeError(`${status} is no status of an error: 400 to 599 are`);
    }
    this.status = status;
    this.body = options.body ?? { success: false, message };
    this.headers = options.headers ?? {};
  }

  /** What a call failed with becomes what the function fails with: its status, its message, its codes. */
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
