/**
 * What a function called back with, as the caller of the function would get it (contract §2.2, §5.1, §6).
 */
import { isTwilioResponse, type TwilioResponse } from "./twilio-response.ts";

/** Names in lower case. A list where there is more than one, and always for cookies. */
export interface ReplyHeaders {
  readonly [name: string]: string | string[] | undefined;
  readonly "content-type"?: string;
  readonly "set-cookie"?: string[];
}

export interface FunctionReply {
  readonly status: number;
  readonly headers: ReplyHeaders;
  /** As UTF-8. */
  readonly body: string;
  /** The same, where it is no text. */
  readonly bytes: Uint8Array;
  /** The body parsed. @throws SyntaxError, with the body in its message, where it is not JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- as that of a fetched response
  json(): any;
  /** What was given to `callback` as its second argument, itself. */
  readonly payload: unknown;
  /** What was given to `callback` as its first argument, or what kept the payload from becoming a reply. */
  readonly error: unknown;
  /** How often `callback` has been called as of now. Only the first counts. */
  readonly callbackCount: number;
  /** What the handler threw, or rejected with, after it had called back. The caller does not notice; you should. */
  readonly errorAfterCallback: unknown;
}

type Message = Pick<FunctionReply, "status" | "headers" | "bytes">;

/** What is known only later is asked for when it is read. */
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

/** An error that is 0, false or empty is none. */
function messageOf({ error, payload }: { error?: unknown; payload?: unknown }): { message: Message; error: unknown } {
  try {
    if (error) return { message: fromValue(500, describable(error)), error };
    return { message: isTwilioResponse(payload) ? fromResponse(payload) : fromValue(200, payload), error: undefined };
  } catch (cause) {
    return { message: fromValue(500, describable(cause)), error: cause };
  }
}

/** An error's own fields are not in its JSON. Platforms differ in what they say of one; none gives a caller its stack. */
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
    throw new RangeError(`${String(response.statusCode)} is no HTTP status that a function can answer with`);
  }
  const headers = headersOf(response);
  const { bytes, type } = bodyFrom(response.body, "application/octet-stream");
  if (type !== undefined) headers["content-type"] ??= type;
  const tooOld = [headers["set-cookie"] ?? []].flat().some((cookie) => secondsOf(cookie) > aDay);
  if (tooOld) return fromValue(400, "Cookies max-age cannot be greater than a day");
  return { status, headers, bytes };
}

/** @param textType what a string is, where nothing else has been said (rows 42, 57). */
function bodyFrom(body: unknown, textType: string): { bytes: Uint8Array; type?: string } {
  if (body === null || body === undefined) return { bytes: new Uint8Array() };
  if (typeof body === "string") return { bytes: Buffer.from(body), type: textType };
  const isBytesOfResponse = ArrayBuffer.isView(body) && textType === "application/octet-stream";
  if (isBytesOfResponse) return { bytes: Buffer.from(body.buffer, body.byteOffset, body.byteLength), type: textType };
  const markup = twimlOf(body);
  if (markup !== undefined) return { bytes: Buffer.from(markup), type: "text/xml; charset=utf-8" };
  const json = JSON.stringify(body) as string | undefined;
  if (json === undefined) throw new TypeError(`A ${typeof body} cannot be sent: it has no JSON`);
  return { bytes: Buffer.from(json), type: "application/json" };
}

/** By what it says: there may be two copies of `twilio`. A string that looks like XML is not TwiML (row 55). */
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
    // A message has one type: the last that was set.
    else if (key === "content-type") lower[key] = String([value].flat().at(-1));
    else lower[key] = Object.hasOwn(lower, key) ? [lower[key] ?? [], value].flat() : value;
  }
  return lower;
}

const aDay = 86_400;

/** The platform sees to where a cookie goes (rows 71 to 73). */
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
