/**
 * The report of a failed call, and whether another attempt may help (contract 1.6, decided in 2.2).
 */

/** Result of `executeWithRetry` and `twilioExecute` if the call succeeded. */
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

/** Their result if the call failed. */
export interface Failure {
  readonly success: false;
  /** The error's message, or the thrown value if it was not an error. */
  readonly message: unknown;
  /** The status of the service's answer; 500 if there was no answer. */
  readonly status: number;
  /** Twilio's error code, or the code of a connection error such as `ECONNRESET`. */
  readonly twilioErrorCode: number | string | undefined;
  readonly twilioDocPage: string | undefined;
  readonly data?: undefined;
  /** Only for calls with options: whether the same call may succeed later. */
  readonly retryable?: boolean;
  /** Only for retryable calls with options: when to try again. */
  readonly retryAfterSeconds?: number;
}

export type Result<T> = Success<T> | Failure;

/** Fields of errors from the `twilio` package, axios, Node and `fetch`. */
interface ErrorFields {
  readonly status?: number;
  readonly response?: { readonly status?: number; readonly headers?: unknown };
  readonly message?: unknown;
  readonly code?: number | string;
  readonly moreInfo?: string;
  readonly cause?: { readonly code?: unknown };
  /** Of an `AggregateError`. */
  readonly errors?: readonly unknown[];
  /** Of a `Response` of `fetch`. */
  readonly statusText?: string;
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

/** Accepts any thrown value, `null` too. */
export function fieldsOf(error: unknown): ErrorFields {
  return error ?? {};
}

export function failureOf(error: unknown): Failure {
  const { status, response, code, moreInfo } = fieldsOf(error);
  return {
    success: false,
    message: messageOf(error),
    status: status || (response?.status ?? 500),
    twilioErrorCode: code ?? connectionErrorCode(error),
    twilioDocPage: moreInfo,
  };
}

/**
 * The message of an error, or the thrown value if it has none.
 *
 * Errors of `fetch` only say "fetch failed", so the message of the cause is added. An error for several attempts to
 * connect has an empty message, so the messages of these attempts are used. For a thrown `Response`, the status is
 * used.
 */
export function messageOf(error: unknown): unknown {
  const { message, cause, errors, code, status, statusText } = fieldsOf(error);
  if (message) return message === "fetch failed" && cause ? `fetch failed: ${textOf(messageOf(cause))}` : message;
  if (Array.isArray(errors) && errors.length > 0) return [...new Set(errors.map(messageOf).map(textOf))].join("; ");
  if (error instanceof Error) return code ? textOf(code) : textOf(error);
  if (typeof statusText === "string") return `The service answered with status ${status} ${statusText}`.trimEnd();
  return error ?? String(error);
}

/** Whether there was no answer, or the connection broke before the answer was complete. */
export function isConnectionError(error: unknown): boolean {
  return connectionErrorCode(error) !== undefined;
}

/**
 * The code of a connection error, such as `ECONNRESET`, of the error or its cause: `fetch` wraps the connection's
 * error.
 */
function connectionErrorCode(error: unknown): string | undefined {
  const { code, cause } = fieldsOf(error);
  return [code, cause?.code].find((each): each is string => connectionErrors.has(each));
}

export function isRetryableStatus(status: unknown): boolean {
  return retryableStatuses.includes(status);
}

export function isRetryable(error: unknown): boolean {
  return isRetryableStatus(failureOf(error).status) || isConnectionError(error);
}

/** A text for any value, even one without `toString`. */
export function textOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return Object.prototype.toString.call(error);
  }
}
