/**
 * The values that a callback accepts: how to recognise their kinds, and how to make a response.
 */
import type { FunctionResponse } from "./function-types.ts";

/** A platform's `Twilio.Response`, with the fields that can be read. */
export interface ReadableResponse extends FunctionResponse {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: unknown;
}

export function isResponse(payload: unknown): payload is ReadableResponse {
  if (typeof payload !== "object" || payload === null) return false;
  return "statusCode" in payload && "headers" in payload && typeof Reflect.get(payload, "setBody") === "function";
}

/** Whether the payload is a TwiML element, from any version of the package. */
export function isTwiml(payload: unknown): boolean {
  return typeof payload === "object" && payload !== null && typeof Reflect.get(payload, "addChild") === "function";
}

/**
 * A body that every platform encodes as JSON exactly once. If the body is already a JSON text, twilio-run encodes it a
 * second time, and the others send it as it is.
 */
export function jsonBody(data: unknown): object {
  return typeof data === "object" && data !== null ? data : { toJSON: () => data };
}

/** @throws if there is no global `Twilio`, as in a test that has not called `installGlobals()`. */
export function newResponse(): ReadableResponse {
  const { Twilio } = globalThis as { Twilio?: { Response?: new () => ReadableResponse } };
  if (Twilio?.Response === undefined) {
    throw new Error(
      "The global Twilio.Response is missing. In a test, call installGlobals() of @offhook/helpers/testing first.",
    );
  }
  return new Twilio.Response();
}
