/**
 * Decides whether a failed call is retried or reported (contract 1.6, 1.7).
 */
import { wait } from "./clock.ts";
import { failureOf, isRetryable, textOf, type Failure } from "./failure.ts";
import type { FunctionContext } from "./function-types.ts";
import { backoffMs, logsFailures, retryLimit } from "./retry-settings.ts";

/** Makes the call again: `executeWithRetry` or `twilioExecute`, for example. */
export type CallbackWrapper<C, R> = (context: FunctionContext, callback: C, attempts: number) => R | Promise<R>;

/**
 * The parameters of a wrapper in the form used until 2024: one object, which the retry gets with `attempts` increased.
 */
export interface RetryParameters {
  readonly context: FunctionContext;
  readonly attempts?: number;
  readonly [parameter: string]: unknown;
}

/**
 * Waits and calls `callbackWrapper(context, callback, attempts + 1)` if the error is retryable: status 412, 429 or 503,
 * or a connection error. `TWILIO_SERVICE_MIN_BACKOFF` and `TWILIO_SERVICE_MAX_BACKOFF` set the wait; there is none
 * after a 412. There are at most `TWILIO_SERVICE_RETRY_LIMIT` retries.
 * @param attempts number of retries made so far.
 * @returns the result of the retry, or the failure.
 */
export async function retryHandler<C extends NamedFunction, R>(
  error: unknown,
  context: FunctionContext,
  callback: C,
  callbackWrapper: CallbackWrapper<C, R>,
  attempts?: number,
): Promise<R | Failure>;
/** The older form: `callback` gets the parameters again. */
export async function retryHandler<P extends RetryParameters, R>(
  error: unknown,
  parameters: P,
  callback: (parameters: P) => R | Promise<R>,
): Promise<R | Failure>;
export async function retryHandler(
  error: unknown,
  contextOrParameters: FunctionContext | RetryParameters,
  callback: NamedFunction,
  callbackWrapper?: CallbackWrapper<NamedFunction, unknown>,
  attempts = 0,
): Promise<unknown> {
  if (callbackWrapper === undefined && isParameters(contextOrParameters)) {
    const parameters = contextOrParameters;
    const made = parameters.attempts ?? 0;
    return await handle(error, parameters.context, callback, made, () => callAgain(parameters, callback, made + 1));
  }
  const context = contextOrParameters as FunctionContext;
  return await handle(error, context, callback, attempts, () => callbackWrapper?.(context, callback, attempts + 1));
}

// oxlint-disable-next-line typescript/no-explicit-any -- any parameters: it is called again with the same ones
type NamedFunction = (...parameters: any[]) => unknown;

async function handle(
  error: unknown,
  context: FunctionContext | undefined,
  callback: NamedFunction | undefined,
  attempts: number,
  retry: () => unknown,
): Promise<unknown> {
  const call = callName(context, callback?.name);
  const failure = failureOf(error);
  if (isRetryable(error) && typeof attempts === "number" && attempts < retryLimit()) {
    logRetry(call, attempts, failure);
    if (failure.status !== 412) await wait(backoffMs(attempts));
    return await retry();
  }
  logFailure(call, attempts, failure);
  return failure;
}

function isParameters(value: object | undefined): value is RetryParameters {
  return typeof value === "object" && value !== null && "context" in value;
}

/** For a short time, wrappers took the callback in their parameters object, but were called as they are today. */
function callAgain(parameters: RetryParameters, callback: NamedFunction, attempts: number): unknown {
  if (typeof parameters["callback"] === "function")
    return callback(parameters.context, parameters["callback"], attempts);
  return callback({ ...parameters, attempts });
}

/** The name of a call in the log. */
export function callName(context: FunctionContext | undefined, name = ""): string {
  return `${context?.PATH}.${name}()`;
}

export function logRetry(call: string, attempts: number, { status }: Failure): void {
  console.warn(`retrying ${call} after ${countOf(attempts)}, http-status-code: ${status}`);
}

/** Logs the failure if `ENABLE_LOCAL_LOGGING` is on. */
export function logFailure(call: string, attempts: number, failure: Failure): void {
  if (!logsFailures()) return;
  const { status, twilioErrorCode, twilioDocPage, message } = failure;
  console.error(
    [
      `\n\n${call} failed after ${countOf(attempts)}`,
      `\n http-status-code\t: ${status}`,
      `\n twilio-error-code\t: ${twilioErrorCode}`,
      `\n twilio-doc-page\t: ${twilioDocPage}`,
      `\n error-message\t\t: ${textOf(message)}`,
    ].join(","),
  );
}

function countOf(attempts: number): string {
  return attempts === 1 ? "1 retry attempt" : `${attempts} retry attempts`;
}
