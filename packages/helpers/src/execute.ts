/**
 * `executeWithRetry` and `twilioExecute`: turn a call to a web service into a result, and retry it if that may help
 * (contract 1.5). They never reject. For calls with options instead of the number of attempts, see `timed-call.ts`.
 */
import type { Result } from "./failure.ts";
import type { FunctionContext, TwilioClient } from "./function-types.ts";
import { retryHandler } from "./retry-handler.ts";
import type { Attempt, AttemptRecord } from "./attempt.ts";
import { runTimedCall, throughCircuit, type ExecuteOptions, type TwilioExecuteOptions } from "./timed-call.ts";
import { clientOf, runWithRequests } from "./twilio-requests.ts";

/**
 * Calls `callback` until it succeeds, its error is not retryable, or no retries are left.
 * @param attempts number of retries made so far, as `retryHandler` counts them.
 */
export async function executeWithRetry<T>(
  context: FunctionContext,
  callback: () => T | Promise<T>,
  attempts?: number,
): Promise<Result<T>>;
/** The same within the invocation's remaining time, with the features of `options`. */
export async function executeWithRetry<T>(
  context: FunctionContext,
  callback: (attempt: Attempt) => T | Promise<T>,
  options: ExecuteOptions,
): Promise<Result<T>>;
export async function executeWithRetry<T>(
  context: FunctionContext,
  callback: (attempt: Attempt) => T | Promise<T>,
  attemptsOrOptions: number | ExecuteOptions = 0,
): Promise<Result<T>> {
  if (isOptions(attemptsOrOptions)) {
    const call = throughCircuit(attemptsOrOptions, callback);
    return await runTimedCall(context, callback, call, attemptsOrOptions);
  }
  try {
    return successOf(await (callback as () => T | Promise<T>)());
  } catch (error) {
    return await retryHandler(error, context, callback as () => T | Promise<T>, executeWithRetry<T>, attemptsOrOptions);
  }
}

/**
 * Like `executeWithRetry`, with a new client from `context.getTwilioClient()` for each attempt.
 * @param attempts number of retries made so far, as `retryHandler` counts them.
 */
export async function twilioExecute<T>(
  context: FunctionContext,
  callback: (client: TwilioClient) => T | Promise<T>,
  attempts?: number,
): Promise<Result<T>>;
/** The same within the invocation's remaining time, with one client for the whole invocation. */
export async function twilioExecute<T>(
  context: FunctionContext,
  callback: (client: TwilioClient, attempt: Attempt) => T | Promise<T>,
  options: TwilioExecuteOptions,
): Promise<Result<T>>;
export async function twilioExecute<T>(
  context: FunctionContext,
  callback: (client: TwilioClient, attempt: Attempt) => T | Promise<T>,
  attemptsOrOptions: number | TwilioExecuteOptions = 0,
): Promise<Result<T>> {
  if (isOptions(attemptsOrOptions)) {
    const options = attemptsOrOptions;
    const call = (record: AttemptRecord): T | Promise<T> =>
      runWithRequests(record, options, () => callback(clientOf(context), record));
    return await runTimedCall(context, callback, call, options);
  }
  const simple = callback as (client: TwilioClient) => T | Promise<T>;
  try {
    return successOf(await simple(context.getTwilioClient()));
  } catch (error) {
    return await retryHandler(error, context, simple, twilioExecute<T>, attemptsOrOptions);
  }
}

function successOf<T>(data: T): Result<T> {
  return { success: true, data, status: 200 };
}

function isOptions<O extends object>(value: number | O): value is O {
  return typeof value === "object" && value !== null;
}
