/**
 * What a call that failed is reported as, and whether it is worth another attempt (contract 1.6, decided in 2.2).
 */

/** What `executeWithRetry` and `twilioExecute` give where the call went well. */
export interface Success<T> {
  readonly success: true;
  readonly data: T;
  readonly status: 200;
  readonly message?: undefined;
  readonly twilioErrorCode?: undefined;
  readonly twilioDocPage?: undefined;
  readonly retryable?: undefined;
  readonly retryAfterSeconds?: undefined;
}

/** … and where it did not. */
export interface Failure {
  readonly success: false;
  /** The error's message; what was thrown, where that was no error. */
  readonly message: unknown;
  /** The status of the service's answer; 500 where there was none. */
  readonly status: number;
  /** Twilio's number, or the name of a connection error: `ECONNRESET`. */
  readonly twilioErrorCode: number | string | undefined;
  readonly twilioDocPage: string | undefined;
  readonly data?: undefined;
  /** Only of calls with options: the same call may go well later. */
  readonly retryable?: boolean;
  /** Only of calls with options, where it is retryable: when to come again. */
  readonly retryAfterSeconds?: number;
}

export type Result<T> = Success<T> | Failure;

/** What errors of the `twilio` package, of axios, of Node and of `fetch` have in common. */
interface ErrorFields {
  readonly status?: number;
  readonly response?: { readonly status?: number; readonly headers?: unknown };
  readonly message?: unknown;
  readonly code?: number | string;
  readonly moreInfo?: string;
  readonly cause?: { readonly code?: unknown };
}

const retryableStatuses: readonly unknown[] = [412, 429, 503];

const connectionErrors = new Set<unknown>([
  "ECONNRESET",
  "ETIMEDOUT",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ERR_NETWORK",
  "UND_ERR_SOCKET",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Anything may be thrown, `null` too. */
export function fieldsOf(error: unknown): ErrorFields {
  return error ?? {};
}

export function failureOf(error: unknown): Failure {
  const { status, response, message, code, moreInfo } = fieldsOf(error);
  return {
    success: false,
    message: message || (error ?? String(error)),
    status: status || (response?.status ?? 500),
    twilioErrorCode: code,
    twilioDocPage: moreInfo,
  };
}

/** No answer came, or the connection broke before it was whole. */
export function isConnectionError(error: unknown): boolean {
  const { code, cause } = fieldsOf(error);
  // `fetch` wraps the error of the connection.
  return connectionErrors.has(code) || connectionErrors.has(cause?.code);
}

export function isRetryableStatus(status: unknown): boolean {
  return retryableStatuses.includes(status);
}

export function isRetryable(error: unknown): boolean {
  return isRetryableStatus(failureOf(error).status) || isConnectionError(error);
}

/** A text for anything, even for what has no `toString`. */
export function textOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return Object.prototype.toString.call(error);
  }
}
