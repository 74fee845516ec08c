/**
 * Turns the payload that a function passes to `callback` into bytes (contract §2.2, §5.1, §6).
 */
import type { FailureCode, WorkerLimits } from "../protocol/messages.ts";
import { connectionHeaders } from "../reply-headers.ts";
import { serializeError } from "./author-error.ts";
import { CookieTooOldError, hardenCookie } from "./cookie-rules.ts";
import { isTwilioResponse, type TwilioResponse } from "./twilio-response.ts";

const { types } = process.getBuiltinModule("node:util");

const { stringify } = JSON;

export interface ReplyBytes {
  readonly status: number;
  /** Names and values, alternating. */
  readonly headers: string[];
  readonly body: Buffer;
}

/** The payload cannot become a reply. The code says why, and the message gives the detail. */
export class ReplyError extends Error {
  readonly code: FailureCode;
  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const empty = Buffer.alloc(0);
const json = ["content-type", "application/json"];
const plainText = ["content-type", "text/plain; charset=utf8"];
const xml = ["content-type", "text/xml; charset=utf-8"];

/**
 * Builds the reply for a success payload. `null` and `undefined` give an empty 200.
 * @throws ReplyError
 */
export function replyFrom(payload: unknown, limits: WorkerLimits): ReplyBytes {
  const reply = isTwilioResponse(payload) ? fromResponse(payload, limits) : fromValue(200, payload);
  return checkedSize(reply, limits);
}

/**
 * Builds the reply for an error payload that is not an `Error`, such as a string or an object. For an `Error`, the
 * gateway writes the reply.
 * @throws ReplyError
 */
export function errorReplyFrom(payload: unknown, limits: WorkerLimits): ReplyBytes {
  return checkedSize(fromValue(500, payload), limits);
}

function fromValue(status: number, payload: unknown): ReplyBytes {
  if (payload === null || payload === undefined) return { status, headers: [], body: empty };
  if (typeof payload === "string") return { status, headers: [...plainText], body: Buffer.from(payload) };
  const markup = twimlOf(payload);
  if (markup !== undefined) return { status, headers: [...xml], body: Buffer.from(markup) };
  return { status, headers: [...json], body: Buffer.from(serialize(payload)) };
}

/**
 * Recognises TwiML by its text, not by its class, because the project may have any version of `twilio`. Calls
 * `toString` only if the object's class defines its own.
 */
function twimlOf(payload: unknown): string | undefined {
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) return undefined;
  const { toString } = payload as { toString?: unknown };
  if (typeof toString !== "function" || toString === Object.prototype.toString) return undefined;
  if (ArrayBuffer.isView(payload) || types.isDate(payload) || types.isNativeError(payload)) return undefined;
  const text: unknown = toString.call(payload);
  return typeof text === "string" && text.startsWith("<?xml") ? text : undefined;
}

function serialize(payload: unknown): string {
  let text: string | undefined;
  try {
    text = stringify(payload);
  } catch (cause) {
    throw new ReplyError("reply-not-serializable", messageOf(cause), { cause });
  }
  if (text === undefined)
    throw new ReplyError("reply-not-serializable", `a ${typeof payload} cannot be converted to JSON`);
  return text;
}

/** Anything can be thrown. Reading its message must not throw again. */
function messageOf(thrown: unknown): string {
  return serializeError(thrown).message;
}

function fromResponse(response: TwilioResponse, limits: WorkerLimits): ReplyBytes {
  const status = Number(response.statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new ReplyError("reply-status-invalid", String(response.statusCode));
  }
  const headers = headersFrom(response.headers, limits);
  const { body, type } = bodyFrom(response.body);
  if (type !== undefined && !hasHeader(headers, "content-type")) headers.push("content-type", type);
  return { status, headers, body };
}

/** `type` is the content type to send if the author set none (rows 57, 64). */
function bodyFrom(body: unknown): { body: Buffer; type?: string } {
  if (body === null || body === undefined) return { body: empty };
  if (typeof body === "string") return { body: Buffer.from(body), type: "application/octet-stream" };
  if (ArrayBuffer.isView(body)) {
    return { body: Buffer.from(body.buffer, body.byteOffset, body.byteLength), type: "application/octet-stream" };
  }
  const markup = twimlOf(body);
  if (markup !== undefined) return { body: Buffer.from(markup), type: "text/xml; charset=utf-8" };
  return { body: Buffer.from(serialize(body)), type: "application/json" };
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

function headersFrom(source: TwilioResponse["headers"], limits: WorkerLimits): string[] {
  const headers: string[] = [];
  let contentType: string | undefined;
  for (const [name, values] of Object.entries(source ?? {})) {
    const lower = name.toLowerCase();
    if (connectionHeaders.has(lower)) continue;
    for (const one of Array.isArray(values) ? values : [values]) {
      const value = lower === "set-cookie" ? cookie(String(one), limits) : String(one);
      if (!token.test(name)) throw new ReplyError("reply-header-invalid", `the name ${stringify(name)}`);
      if (!fieldValue.test(value)) throw new ReplyError("reply-header-invalid", `the value of ${name}`);
      // The author's keys may differ only by case, but a message has one content type. The last one set wins.
      if (lower === "content-type") contentType = value;
      else headers.push(name, value);
    }
  }
  if (contentType !== undefined) headers.push("content-type", contentType);
  return headers;
}

function cookie(value: string, limits: WorkerLimits): string {
  try {
    return hardenCookie(value, limits.cookieMaxAgeSeconds);
  } catch (cause) {
    if (cause instanceof CookieTooOldError) throw new ReplyError("cookie-too-old", cause.message, { cause });
    throw cause;
  }
}

function hasHeader(headers: readonly string[], name: string): boolean {
  return headers.some((entry, i) => i % 2 === 0 && entry.toLowerCase() === name);
}

function checkedSize(reply: ReplyBytes, limits: WorkerLimits): ReplyBytes {
  let headerBytes = 0;
  for (const entry of reply.headers) headerBytes += entry.length;
  if (headerBytes > limits.headerBytes || reply.headers.length / 2 > limits.headerCount) {
    throw new ReplyError("reply-headers-too-long", `${reply.headers.length / 2} headers of ${headerBytes} bytes`);
  }
  const bytes = headerBytes + reply.body.length;
  if (bytes > limits.replyBytes) throw new ReplyError("reply-too-large", `${bytes} bytes`);
  return reply;
}
