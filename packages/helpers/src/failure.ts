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

/** Anything may be thrown, `null` too. */
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
 * The message of an error; what was thrown, where it has none.
 *
 * What `fetch` throws says "fetch failed" and nothing else, so the message of its cause is added. An error that stands for
 * several attempts to connect has an empty message, so theirs are used. A `Response` that was thrown has a status.
 */
export function messageOf(error: unknown): unknown {
  const { message, cause, errors, code, status, statusText } = fieldsOf(error);
  if (message) return message === "fetch failed" && cause ? `fetch failed: ${textOf(messageOf(cause))}` : message;
  if (Array.isArray(errors) && errors.length > 0) return [...new Set(errors.map(messageOf).map(textOf))].join("; ");
  if (error instanceof Error) return code ? textOf(code) : textOf(error);
  if (typeof statusText === "string") return `The service answered with status ${status} ${statusText}`.trimEnd();
  return error ?? String(error);
}

/** No answer came, or the connection broke before it was whole. */
export function isConnectionError(error: unknown): boolean {
  return connectionErrorCode(error) !== undefined;
}

/** `ECONNRESET`, wherever it stands: `fetch` wraps the error of the connection. */
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

/** A text for anything, even for what has no `toString`. */
export function textOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return Object.prototype.toString.call(error);
  }
}
