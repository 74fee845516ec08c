/**
 * `Twilio.Response` (contract §6): the reply of a function that sets a status, headers or cookies.
 */

type HeaderValue = string | string[];

/** Identifies a response. `instanceof` would fail, because the class may exist in two realms or two copies. */
const responseMark = Symbol.for("offhook.twilio-response");

const cookieHeader = "Set-Cookie";

/** Keeps a key as the author wrote it, except for `Set-Cookie`, which is matched in any case. */
function keyOf(headers: Record<string, HeaderValue>, key: string): string {
  if (key.toLowerCase() !== "set-cookie") return key;
  return Object.keys(headers).find((name) => name.toLowerCase() === "set-cookie") ?? key;
}

function checkedValue(value: unknown): HeaderValue {
  if (Array.isArray(value)) return value.map((one) => String(checkedValue(one)));
  if (typeof value === "object" && value !== null) throw new Error("Header value cannot be an object");
  return String(value);
}

export class TwilioResponse {
  readonly [responseMark] = true;
  statusCode: number;
  body: unknown;
  headers: Record<string, HeaderValue> = {};

  constructor(init: { statusCode?: number; body?: unknown; headers?: Record<string, unknown> } = {}) {
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
   * Adds a value to a header. A second value turns it into a list.
   * @throws if the value is an object that is not an array (row 69).
   */
  appendHeader(key: string, value: unknown): this {
    const name = keyOf(this.headers, String(key));
    const added = checkedValue(value);
    const present = Object.hasOwn(this.headers, name) ? this.headers[name] : undefined;
    if (Array.isArray(present)) {
      // In place, because copying the list for each cookie would take quadratic time.
      for (const one of [added].flat()) present.push(one);
      return this;
    }
    const isCookie = name.toLowerCase() === "set-cookie";
    this.#set(name, present === undefined && !isCookie ? added : [present ?? [], added].flat());
    return this;
  }

  /** Replaces all headers. Ignores values that are not objects. */
  setHeaders(headers: Record<string, unknown>): this {
    if (typeof headers !== "object" || headers === null) return this;
    const entries = Object.entries(headers).map(([key, value]) => [key, checkedValue(value)] as const);
    this.headers = {};
    for (const [key, value] of entries) this.#set(key, value);
    return this;
  }

  setCookie(key: string, value: string, attributes: readonly string[] = []): this {
    return this.appendHeader(cookieHeader, [[`${key}=${value}`, ...attributes].join(";")]);
  }

  removeCookie(key: string): this {
    const name = keyOf(this.headers, cookieHeader);
    const pending = [this.headers[name] ?? []].flat();
    this.#set(name, [...pending.filter((one) => !one.startsWith(`${key}=`)), `${key}=;Max-Age=0`]);
    return this;
  }

  /** Sets a header. A header called `__proto__` must not change the prototype. */
  #set(key: string, value: HeaderValue): void {
    Object.defineProperty(this.headers, key, { value, writable: true, enumerable: true, configurable: true });
  }
}

export function isTwilioResponse(value: unknown): value is TwilioResponse {
  if (typeof value !== "object" || value === null) return false;
  if (responseMark in value) return true;
  // The author's own class with the same methods.
  return "statusCode" in value && "headers" in value && typeof (value as TwilioResponse).setBody === "function";
}
