/**
 * The wrappers of a handler (contract 1.3, 1.4). They set headers for browsers, check the token and the parameters, and
 * run the handler. The caller gets a reply in any case.
 *
 *     credentials ▸ token ▸ role ▸ parameters ▸ idempotency ▸ handler ▸ reply
 *         403        403     403      400           409                  500, or as an HttpError says
 */
import {
  checkToken,
  credentialsMissing,
  credentialsOf,
  prepareTokenCheck,
  type FlexTokenOptions,
} from "./flex-token.ts";
import { textOf } from "./failure.ts";
import type {
  FunctionCallback,
  FunctionContext,
  FunctionEvent,
  FunctionHandler,
  FunctionRequest,
  FunctionResponse,
} from "./function-types.ts";
import { idempotently, type IdempotencyOptions } from "./idempotency.ts";
import { beginInvocation } from "./invocation.ts";
import {
  checkParameters,
  type ParameterCheck,
  type ParameterValidator,
  type RequiredParameter,
  type Requirements,
} from "./parameters.ts";
import { isResponse, isTwiml, jsonBody, newResponse } from "./payload.ts";
import { Replier } from "./replier.ts";
import type { StandardSchema } from "./standard-schema.ts";
import { TokenRefusal, type TokenResult } from "./token-service.ts";

/** Logs the error and replies with a 500 of `{ success: false, message }`, or as an `HttpError` says. */
export type HandleError = (error: unknown) => unknown;

export type PreparedHandler<E, R = unknown> = (
  context: FunctionContext,
  event: E,
  callback: FunctionCallback,
  response: FunctionResponse,
  handleError: HandleError,
) => R;

/** The part of every event that the platform adds to the parameters. */
interface EventRequestPart {
  readonly request?: FunctionRequest;
}

/** The event of a function with a schema: the schema's output, and the request. */
export type EventOf<S extends StandardSchema> =
  S extends StandardSchema<infer Output> ? Output & EventRequestPart : never;

/** The part of the event that `prepareFlexFunction` adds: the caller. */
export interface FlexCaller {
  readonly Token?: string;
  readonly TokenResult: TokenResult;
}

export interface StudioFunctionOptions {
  /**
   * The return value of the handler, or of its promise, becomes the body of the reply, as JSON. Without a value, the
   * reply is a 204. The handler may still call the callback instead.
   */
  readonly returnsData?: boolean;
  /** Runs the same request once, and repeats its reply after that: see `IdempotencyOptions`. */
  readonly idempotency?: boolean | IdempotencyOptions;
}

export interface FlexFunctionOptions extends StudioFunctionOptions, FlexTokenOptions {
  /** Format of a 403: plain text, as browser code for the template expects, or `{ success: false, message }`. */
  readonly denyFormat?: "text" | "json";
}

export interface PrepareStudioFunction {
  /** @template E only the parameters that the caller sends. */
  <E = FunctionEvent>(
    required: readonly RequiredParameter[],
    handler: PreparedHandler<E & EventRequestPart>,
    options?: StudioFunctionOptions,
  ): FunctionHandler;
  <S extends StandardSchema>(
    schema: S,
    handler: PreparedHandler<EventOf<S>>,
    options?: StudioFunctionOptions,
  ): FunctionHandler;
}

export interface PrepareFlexFunction {
  /** @template E the parameters that the caller sends. `Token` and `TokenResult` are added to them. */
  <E = FunctionEvent>(
    required: readonly RequiredParameter[],
    handler: PreparedHandler<E & EventRequestPart & FlexCaller>,
    options?: FlexFunctionOptions,
  ): FunctionHandler;
  <S extends StandardSchema>(
    schema: S,
    handler: PreparedHandler<EventOf<S> & FlexCaller>,
    options?: FlexFunctionOptions,
  ): FunctionHandler;
}

/** The parts that both wrappers need. */
interface HandlerParts {
  readonly requirements: Requirements;
  readonly handler: PreparedHandler<FunctionEvent>;
  /** Called for each check, so that the validator can be replaced. */
  readonly validator: () => ParameterValidator;
}

/** @param validator returns the function that checks a list of parameters. */
export function studioPreparer(validator: () => ParameterValidator): PrepareStudioFunction {
  return (
    requirements: Requirements,
    handler: PreparedHandler<never>,
    options: StudioFunctionOptions = {},
  ): FunctionHandler => {
    const parts = { requirements, handler: handler as PreparedHandler<FunctionEvent>, validator };
    return (context: FunctionContext, event: FunctionEvent, callback) => {
      beginInvocation(context);
      return run(parts, new Replier(context, callback, "Content-Type"), event, options, ["request"]);
    };
  };
}

/** @param validator returns the function that checks a list of parameters. */
export function flexPreparer(validator: () => ParameterValidator): PrepareFlexFunction {
  return (
    requirements: Requirements,
    handler: PreparedHandler<never>,
    options: FlexFunctionOptions = {},
  ): FunctionHandler => {
    const parts = { requirements, handler: handler as PreparedHandler<FunctionEvent>, validator };
    const allowedHeaders = options.bearer ? "Content-Type, Authorization" : "Content-Type";
    const besides = ["request", "Token", "TokenResult"];
    prepareTokenCheck();
    return (context: FunctionContext, event: FunctionEvent, callback) => {
      beginInvocation(context);
      const credentials = credentialsOf(context);
      if (credentials === undefined) {
        deny(context, callback, credentialsMissing, options);
        return undefined;
      }
      return checkToken(context, event, credentials, options).then(
        (result) => {
          event["TokenResult"] = result;
          return run(parts, new Replier(context, callback, allowedHeaders), event, options, besides);
        },
        (error: unknown) =>
          deny(context, callback, error instanceof TokenRefusal ? error.reason : textOf(error), options),
      );
    };
  };
}

function run(
  { requirements, handler, validator }: HandlerParts,
  replier: Replier,
  event: FunctionEvent,
  options: StudioFunctionOptions,
  besides: readonly string[],
): unknown {
  const { context } = replier;
  const proceed = (check: ParameterCheck): unknown => {
    if ("message" in check) return refuse(replier, check);
    const call = (): unknown => callHandler(handler, replier, check.event, options);
    return options.idempotency ? idempotently(options.idempotency, replier, check.event, call) : call();
  };
  return settled(replier, () => {
    const check = checkParameters(context.PATH, event, requirements, validator(), besides);
    return check instanceof Promise ? check.then(proceed) : proceed(check);
  });
}

/** Turns an error or a rejection of the step into the reply. */
function settled(replier: Replier, step: () => unknown): unknown {
  try {
    const result = step();
    return isThenable(result) ? result.then(undefined, (error: unknown) => replier.fail(error)) : result;
  } catch (error) {
    return replier.fail(error);
  }
}

function refuse(replier: Replier, { message, issues }: Extract<ParameterCheck, { message: string }>): unknown {
  console.error(`(${replier.context.PATH}) invalid parameters passed`);
  return replier.reply(400, { data: null, message, ...(issues && { issues }) });
}

function callHandler(
  handler: PreparedHandler<FunctionEvent>,
  replier: Replier,
  event: FunctionEvent,
  { returnsData }: StudioFunctionOptions,
): unknown {
  const { context, callback, response, handleError } = replier;
  const result = handler(context, event, callback, response, handleError);
  if (!returnsData) return result;
  return Promise.resolve(result).then((data) => (replier.hasReplied ? undefined : replyWith(data, replier)));
}

/** Sends a returned value as data, except a response or TwiML, which is already a reply. */
function replyWith(data: unknown, replier: Replier): unknown {
  if (data === undefined) return replier.reply(204, undefined);
  if (data === replier.response || isResponse(data) || isTwiml(data)) return replier.callback(null, data);
  return replier.reply(200, jsonBody(data));
}

/** Sends the same reply, byte for byte, as the template's token check, including its reversed content type. */
function deny(
  { PATH }: FunctionContext,
  callback: FunctionCallback,
  reason: unknown,
  { denyFormat, bearer }: FlexFunctionOptions,
): unknown {
  console.warn(`(${PATH}) Flex token refused: ${textOf(reason ?? "the token service gave no reason")}`);
  const response = newResponse();
  const isJson = denyFormat === "json";
  response.setStatusCode(403);
  response.setBody(isJson ? { success: false, message: reason ?? "Unauthorized" } : reason);
  response.appendHeader("Access-Control-Allow-Origin", "*");
  response.appendHeader("Access-Control-Allow-Methods", "OPTIONS, POST, GET");
  response.appendHeader("Access-Control-Allow-Headers", bearer ? "Content-Type, Authorization" : "Content-Type");
  response.appendHeader("Content-Type", isJson ? "application/json" : "plain/text");
  return callback(null, response);
}

function isThenable(value: unknown): value is Promise<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
