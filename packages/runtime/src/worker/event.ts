/**
 * `event` (contract §4): the query, then a form or JSON body that overrides it, and `request`. Hostile input is parsed
 * here, inside the isolate, so it can harm one invocation at most.
 */
import { parse as parseCookies } from "cookie";
import { DecodeError, decodeText, readContentType, type ContentType } from "../body-text.ts";
import { parseForm, parseFormBody } from "../form.ts";
import type { FailureCode, Invoke } from "../protocol/messages.ts";

export interface Request {
  headers: Record<string, string | string[]>;
  cookies: Record<string, string>;
}

export type Event = Record<string, unknown>;

/** The request cannot become an event, so the handler does not run. */
export class EventError extends Error {
  readonly code: FailureCode;
  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Where a parameter came from. */
export type ParameterSource = "query" | "form" | "JSON body";

/**
 * @param onRequestReplaced called if a parameter called `request` replaces the headers and cookies.
 * @throws EventError `body-malformed`, `body-encoding-unsupported`, `body-charset-unsupported`, `request-too-large`.
 */
export function buildEvent(
  invoke: Invoke,
  body: Buffer,
  limitBytes: number,
  onRequestReplaced?: (source: ParameterSource) => void,
): Event {
  const request = buildRequest(invoke.headers);
  const event: Event = { request };
  if (invoke.query !== "") assign(event, parseForm(invoke.query));
  const queried = event["request"];
  let source: ParameterSource = "query";
  if (body.length > 0) {
    const type = readContentType(single(request.headers["content-type"]));
    if (type.mediaType === "application/json" || type.mediaType === "application/x-www-form-urlencoded") {
      // Two headers become a list. A list is not a supported encoding.
      const encoding = request.headers["content-encoding"]?.toString();
      assign(event, parseBody(decompress(body, encoding, limitBytes), type));
      if (event["request"] !== queried) source = type.mediaType === "application/json" ? "JSON body" : "form";
    }
  }
  if (event["request"] !== request) onRequestReplaced?.(source);
  return event;
}

/** Parameters win over `request`, as in the local emulator (row 105). No key reaches the prototype. */
function assign(event: Event, parameters: object): void {
  for (const key of Object.keys(parameters)) {
    if (key !== "__proto__") event[key] = (parameters as Event)[key];
  }
}

const mayNameProto = /__proto__|\\u/i;

function parseBody(bytes: Buffer, { mediaType, charset }: ContentType): object {
  try {
    return mediaType === "application/json" ? parseJson(decodeText(bytes, charset)) : parseFormBody(bytes, charset);
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    const code = cause.reason === "charset-unsupported" ? "body-charset-unsupported" : "body-malformed";
    throw new EventError(code, cause.message, { cause });
  }
}

function parseJson(text: string): object {
  let value: unknown;
  try {
    value = mayNameProto.test(text) ? JSON.parse(text, withoutProto) : JSON.parse(text);
  } catch (cause) {
    throw new EventError("body-malformed", (cause as Error).message, { cause });
  }
  if (typeof value !== "object" || value === null) {
    throw new EventError("body-malformed", "the JSON is neither an object nor an array");
  }
  return value;
}

/**
 * A reviver that removes `__proto__` at every level. An own key `__proto__` is harmless until code merges the object.
 */
function withoutProto(this: unknown, key: string, value: unknown): unknown {
  return key === "__proto__" ? undefined : value;
}

function decompress(body: Buffer, encoding: string | undefined, limitBytes: number): Buffer {
  const options = { maxOutputLength: Math.min(limitBytes, 2 ** 31) };
  // Loaded when it is first needed, because it takes 7 ms and few requests are compressed.
  const { brotliDecompressSync, gunzipSync, inflateSync } = process.getBuiltinModule("node:zlib");
  try {
    switch (encoding?.trim().toLowerCase()) {
      case undefined:
      case "":
      case "identity":
        return body;
      case "gzip":
      case "x-gzip":
        return gunzipSync(body, options);
      case "deflate":
        return inflateSync(body, options);
      case "br":
        return brotliDecompressSync(body, options);
      default:
        throw new EventError("body-encoding-unsupported", String(encoding));
    }
  } catch (cause) {
    if (cause instanceof EventError) throw cause;
    const isTooLarge = (cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    throw new EventError(isTooLarge ? "request-too-large" : "body-malformed", (cause as Error).message, { cause });
  }
}

/** Headers that the hosted product hides from functions (rows 97–99). */
const hiddenNames = new Set([
  "connection",
  "proxy-connection",
  "expect",
  "host",
  "proxy-authorization",
  "proxy-authenticate",
  "referer",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "via",
  "x-real-ip",
]);
const hiddenPrefixes = ["x-accel-", "x-forwarded-", "x-amz", "i-twilio-", "i-t-", "ot-"];

function isHidden(name: string): boolean {
  return hiddenNames.has(name) || hiddenPrefixes.some((prefix) => name.startsWith(prefix));
}

function buildRequest(raw: readonly string[]): Request {
  const headers: Record<string, string | string[]> = {};
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    if (name === "__proto__" || isHidden(name)) continue;
    const value = raw[i + 1] as string;
    const present = Object.hasOwn(headers, name) ? headers[name] : undefined;
    headers[name] = present === undefined ? value : [present, value].flat();
  }
  return { headers, cookies: readCookies(headers["cookie"]) };
}

/** If two cookies have the same name, the first one wins (row 103). */
function readCookies(header: string | string[] | undefined): Record<string, string> {
  const cookies: Record<string, string> = {};
  if (header === undefined) return cookies;
  const parsed = parseCookies(Array.isArray(header) ? header.join("; ") : header);
  for (const [name, value] of Object.entries(parsed)) {
    if (name !== "" && name !== "__proto__" && value !== undefined) cookies[name] = value;
  }
  return cookies;
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
