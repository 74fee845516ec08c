/**
 * The reply of a function, as its caller would get it (contract §2.2, §5.1, §6).
 */
import { isTwilioResponse, type TwilioResponse } from "./twilio-response.ts";

/** Names in lower case. Several values are a list. Cookies are always a list. */
export interface ReplyHeaders {
  readonly [name: string]: string | string[] | undefined;
  readonly "content-type"?: string;
  readonly "set-cookie"?: string[];
}

export interface FunctionReply {
  readonly status: number;
  readonly headers: ReplyHeaders;
  /** The body as UTF-8 text. */
  readonly body: string;
  /** The body as bytes, for bodies that are not text. */
  readonly bytes: Uint8Array;
  /** Parses the body as JSON. @throws SyntaxError, with the body in its message, if it is not JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- like `json()` of a fetched response
  json(): any;
  /** The second argument of `callback`, unchanged. */
  readonly payload: unknown;
  /** The first argument of `callback`, or the error because of which the payload could not become a reply. */
  readonly error: unknown;
  /** How often `callback` has been called so far. Only the first call counts. */
  readonly callbackCount: number;
  /**
   * The error that the handler threw, or rejected with, after it had called back. The caller does not see it; you
   * should.
   */
  readonly errorAfterCallback: unknown;
}

type Message = Pick<FunctionReply, "status" | "headers" | "bytes">;

/** The parts that may change after the reply. They are computed when they are read. */
interface LateResults {
  callbackCount(): number;
  errorAfterCallback(): unknown;
}

export function replyOf(call: { error?: unknown; payload?: unknown }, later: LateResults): FunctionReply {
  const { message, error } = messageOf(call);
  const body = Buffer.from(message.bytes).toString("utf8");
  return {
    ...message,
    body,
    json() {
      try {
        return JSON.parse(body);
      } catch (cause) {
        throw new SyntaxError(`The body is not JSON: ${body === "" ? "it is empty" : body}`, { cause });
      }
    },
    payload: call.payload,
    error,
    get callbackCount() {
      return later.callbackCount();
    },
    get errorAfterCallback() {
      return later.errorAfterCallback();
    },
  };
}

/** A falsy error, such as 0, false or "", does not count as an error. */
function messageOf({ error, payload }: { error?: unknown; payload?: unknown }): { message: Message; error: unknown } {
  try {
    if (error) return { message: fromValue(500, describable(error)), error };
    return { message: isTwilioResponse(payload) ? fromResponse(payload) : fromValue(200, payload), error: undefined };
  } catch (cause) {
    return { message: fromValue(500, describable(cause)), error: cause };
  }
}

/**
 * The JSON of an error does not have its fields. Platforms send different parts of an error, but none sends the stack.
 */
function describable(error: unknown): unknown {
  const isError = typeof error === "object" && error !== null && "message" in error && "stack" in error;
  return isError ? { name: (error as Error).name, message: error.message } : error;
}

function fromValue(status: number, payload: unknown): Message {
  const { bytes, type } = bodyFrom(payload, "text/plain; charset=utf8");
  return { status, headers: type === undefined ? {} : { "content-type": type }, bytes };
}

function fromResponse(response: TwilioResponse): Message {
  const status = Number(response.statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new RangeError(
      `Invalid status of a reply: ${String(response.statusCode)}. Expected an integer from 200 to 599.`,
    );
  }
  const headers = headersOf(response);
  const { bytes, type } = bodyFrom(response.body, "application/octet-stream");
  if (type !== undefined) headers["content-type"] ??= type;
  const tooOld = [headers["set-cookie"] ?? []].flat().some((cookie) => secondsOf(cookie) > aDay);
  if (tooOld) return fromValue(400, "Cookies max-age cannot be greater than a day");
  return { status, headers, bytes };
}

/** @param textType the content type of a string if none is set (rows 42, 57). */
function bodyFrom(body: unknown, textType: string): { bytes: Uint8Array; type?: string } {
  if (body === null || body === undefined) return { bytes: new Uint8Array() };
  if (typeof body === "string") return { bytes: Buffer.from(body), type: textType };
  const isBytesOfResponse = ArrayBuffer.isView(body) && textType === "application/octet-stream";
  if (isBytesOfResponse) return { bytes: Buffer.from(body.buffer, body.byteOffset, body.byteLength), type: textType };
  const markup = twimlOf(body);
  if (markup !== undefined) return { bytes: Buffer.from(markup), type: "text/xml; charset=utf-8" };
  const json = JSON.stringify(body) as string | undefined;
  if (json === undefined) throw new TypeError(`A ${typeof body} cannot be a reply: JSON cannot represent it`);
  return { bytes: Buffer.from(json), type: "application/json" };
}

/**
 * Recognises TwiML by its content, because there may be two copies of `twilio`. A string of XML is not TwiML (row 55).
 */
export function twimlOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { toString } = value as { toString?: unknown };
  if (typeof toString !== "function" || toString === Object.prototype.toString) return undefined;
  const text: unknown = toString.call(value);
  return typeof text === "string" && text.startsWith("<?xml") ? text : undefined;
}

function headersOf({ headers }: TwilioResponse): Record<string, string | string[]> {
  const lower: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    const key = name.toLowerCase();
    if (key === "set-cookie") lower[key] = [lower[key] ?? [], [value].flat().map(harden)].flat();
    // A reply has one content type: the last one that was set.
    else if (key === "content-type") lower[key] = String([value].flat().at(-1));
    else lower[key] = Object.hasOwn(lower, key) ? [lower[key] ?? [], value].flat() : value;
  }
  return lower;
}

const aDay = 86_400;

/** The platform decides where a cookie is sent (rows 71 to 73). */
function harden(cookie: string): string {
  const parts = cookie.split(";").map((part) => part.trim());
  const kept = parts.filter((part) => part !== "" && !/^(?:domain|httponly|secure)\s*(?:=|$)/i.test(part));
  return [...kept, "HttpOnly", "Secure"].join(";");
}

function secondsOf(cookie: string): number {
  const maxAge = /;\s*max-age\s*=\s*([^;]*)/i.exec(cookie)?.[1];
  if (maxAge !== undefined) return Number(maxAge) || 0;
  const expires = /;\s*expires\s*=\s*([^;]*)/i.exec(cookie)?.[1];
  return expires === undefined ? 0 : (Date.parse(expires) - Date.now()) / 1000 || 0;
}
