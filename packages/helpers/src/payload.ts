/**
 * What a callback may be given: how the kinds of it are told apart, and a new response.
 */
import type { FunctionResponse } from "./function-types.ts";

/** What platforms have as `Twilio.Response` lets itself be read as well. */
export interface ReadableResponse extends FunctionResponse {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: unknown;
}

export function isResponse(payload: unknown): payload is ReadableResponse {
  if (typeof payload !== "object" || payload === null) return false;
  return "statusCode" in payload && "headers" in payload && typeof Reflect.get(payload, "setBody") === "function";
}

/** An element of TwiML, of whichever version of the package. */
export function isTwiml(payload: unknown): boolean {
  return typeof payload === "object" && payload !== null && typeof Reflect.get(payload, "addChild") === "function";
}

/**
 * A body that every platform makes JSON of, once. Of a text that is JSON already, twilio-run makes a text of a text where
 * others send it as it is.
 */
export function jsonBody(data: unknown): object {
  return typeof data === "object" && data !== null ? data : { toJSON: () => data };
}

/** @throws if there is no global `Twilio`, as in a test that has not installed any. */
export function newResponse(): ReadableResponse {
  const { Twilio } = globalThis as { Twilio?: { Response?: new () => ReadableResponse } };
  if (Twilio?.Response === undefined) {
    throw new Error(
      "There is no global Twilio.Response. The platform provides it; in a test, installGlobals() of @offhook/helpers/testing does.",
    );
  }
  return new Twilio.Response();
}
