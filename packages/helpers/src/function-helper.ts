/**
 * The exports of `@offhook/helpers`: those of the Flex Project Template's `function-helper`, and some more. A project's
 * own helper file needs only `module.exports = require("@offhook/helpers")`.
 */
import { executeWithRetry as execute, twilioExecute as executeWithClient } from "./execute.ts";
import { validateParameters as validate, type ParameterValidator } from "./parameters.ts";
import {
  flexPreparer,
  studioPreparer,
  type PrepareFlexFunction,
  type PrepareStudioFunction,
} from "./prepare-function.ts";
import { retryHandler as handleFailure } from "./retry-handler.ts";

export { HttpError, type HttpErrorOptions } from "./http-error.ts";
export { twilioEventKey, type IdempotencyOptions } from "./idempotency.ts";
export { memoryStore, sqliteStore, type IdempotencyStore } from "./idempotency-store.ts";
export type { CallbackWrapper, RetryParameters } from "./retry-handler.ts";
export type { Attempt } from "./attempt.ts";
export type { AttemptLine } from "./attempt-log.ts";
export type { BreakerOptions } from "./circuit-breaker.ts";
export type { Failure, Result, Success } from "./failure.ts";
export type { FlexTokenOptions } from "./flex-token.ts";
export type * from "./function-types.ts";
export type { ParameterIssue, RequiredParameter } from "./parameters.ts";
export type {
  EventOf,
  FlexCaller,
  FlexFunctionOptions,
  HandleError,
  PreparedHandler,
  PrepareFlexFunction,
  PrepareStudioFunction,
  StudioFunctionOptions,
} from "./prepare-function.ts";
export type { StandardSchema } from "./standard-schema.ts";
export type { CallOptions, ExecuteOptions, TwilioExecuteOptions } from "./timed-call.ts";
export type { TokenResult } from "./token-service.ts";

// A variable, because in CommonJS it becomes a member that authors can replace. The wrappers then use the replacement.
export const validateParameters: ParameterValidator = validate;

/** For functions that are called without a Flex token, for example by Studio or by webhooks. */
export const prepareStudioFunction: PrepareStudioFunction = studioPreparer(() => validateParameters);

/** For functions that Flex calls. Checks the token in the parameter `Token` first. */
export const prepareFlexFunction: PrepareFlexFunction = flexPreparer(() => validateParameters);

export const retryHandler = handleFailure;

export const executeWithRetry = execute;

export const twilioExecute = executeWithClient;

/** The name that the template's documentation uses. */
export const executeTwilio = executeWithClient;

/** The fields of a result that the caller may see. */
export interface StandardResponse {
  readonly success: boolean;
  readonly message?: unknown;
  readonly twilioDocPage?: string | undefined;
  readonly twilioErrorCode?: number | string | undefined;
}

/** Picks these four fields, in this order. Also works for results that the author made. */
export function extractStandardResponse(result: StandardResponse): StandardResponse {
  const { success, message, twilioDocPage, twilioErrorCode } = result;
  return { success, message, twilioDocPage, twilioErrorCode };
}

/** The domain of Twilio's API in the region that `TWILIO_REGION` names: `twilio.com`, `ie1.twilio.com`. */
export function getRegionUrl(): string {
  const region = process.env["TWILIO_REGION"];
  return region ? `${region}.twilio.com` : "twilio.com";
}
