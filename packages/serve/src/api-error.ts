/** The API's reply to a request that it refuses. Clients print only the message, so the message has the next step. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  /** Twilio's code, such as 20404. */
  readonly code: number;
  /** Seconds for the header `Retry-After`. */
  readonly retryAfter: number | undefined;

  constructor({ status, code, message, retryAfter }: ApiErrorOptions) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

interface ApiErrorOptions {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly retryAfter?: number | undefined;
}

export function invalidParameter(message: string): ApiError {
  return new ApiError({ status: 400, code: 20001, message });
}

export function notFound(message: string): ApiError {
  return new ApiError({ status: 404, code: 20404, message });
}

export function conflict(message: string): ApiError {
  return new ApiError({ status: 409, code: 20409, message });
}

export function unavailable(message: string, retryAfter = 1): ApiError {
  return new ApiError({ status: 503, code: 20503, message, retryAfter });
}
