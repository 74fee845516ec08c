/**
 * A `Twilio.Response` like that of the platforms (contract §6, rows 56 to 79).
 */

export type ResponseHeaders = Record<string, string | string[]>;

export interface ResponseInit {
  readonly statusCode?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** Offhook's own `Twilio.Response` has the same mark, so that both are recognised. */
const mark = Symbol.for("offhook.twilio-response");

const isCookie = (name: string): boolean => name.toLowerCase() === "set-cookie";

/** @throws for an object that is not an array (row 69). */
function asHeaderValue(value: unknown): string | string[] {
  if (Array.isArray(value)) return value.map((one) => String(asHeaderValue(one)));
  if (typeof value === "object" && value !== null) throw new Error("Header value cannot be an object");
  return String(value);
}

export class TwilioResponse {
  readonly [mark] = true;
  statusCode: number;
  body: unknown;
  headers: ResponseHeaders = {};

  constructor(init: ResponseInit = {}) {
    this.statusCode = init.statusCode ?? 200;
    this.body = init.body ?? null;
    if (init.headers !== undefined) this.setHeaders(init.headers);
  }

  setStatusCode(statusCode: number): this {
    this.statusCode = statusCode;
    return this;
  }

  setBody(body: unknown): this {
    this.body = body;
    return this;
  }

  /**
   * A second value is added to the first, in order (rows 66, 67). Names differ by case, except the name of the cookie
   * header.
   */
  appendHeader(name: string, value: unknown): this {
    const key = this.#keyOf(String(name));
    const present = Object.hasOwn(this.headers, key) ? this.headers[key] : undefined;
    const added = asHeaderValue(value);
    const isList = present !== undefined || isCookie(key);
    this.#put(key, isList ? [present ?? [], added].flat() : added);
    return this;
  }

  /** Replaces all headers (row 68). */
  setHeaders(headers: Readonly<Record<string, unknown>>): this {
    if (typeof headers !== "object" || headers === null) return this;
    const checked = Object.entries(headers).map(([name, value]) => [name, asHeaderValue(value)] as const);
    this.headers = {};
    for (const [name, value] of checked) this.#put(name, value);
    return this;
  }

  setCookie(name: string, value: string, attributes: readonly string[] = []): this {
    return this.appendHeader("Set-Cookie", [[`${name}=${value}`, ...attributes].join(";")]);
  }

  /** Removes a cookie that was set before, and tells the browser to delete it (rows 76, 77). */
  removeCookie(name: string): this {
    const key = this.#keyOf("Set-Cookie");
    const others = [this.headers[key] ?? []].flat().filter((cookie) => !cookie.startsWith(`${name}=`));
    this.#put(key, [...others, `${name}=;Max-Age=0`]);
    return this;
  }

  #keyOf(name: string): string {
    return (isCookie(name) ? Object.keys(this.headers).find(isCookie) : undefined) ?? name;
  }

  /** Defines the property instead of assigning it, because a header may be called `__proto__`. */
  #put(name: string, value: string | string[]): void {
    Object.defineProperty(this.headers, name, { value, writable: true, enumerable: true, configurable: true });
  }
}

/** Accepts any platform's response, or one of the author's with the same methods and fields. */
export function isTwilioResponse(value: unknown): value is TwilioResponse {
  if (typeof value !== "object" || value === null) return false;
  if (mark in value) return true;
  return "statusCode" in value && "headers" in value && "setBody" in value && typeof value.setBody === "function";
}
