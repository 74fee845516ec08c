/**
 * The `Retry-After` of an answer: seconds, or a date (RFC 9110, 10.2.3).
 */
import { clock } from "./clock.ts";
import { textOf } from "./failure.ts";

/** Headers in the forms of axios, `fetch`, Node and the `twilio` package. */
type Headers = { readonly get?: (name: string) => unknown } & Readonly<Record<string, unknown>>;

/**
 * @param error an error that may carry the headers of its answer, like those of axios.
 * @param heard headers of the answer from another source.
 * @returns milliseconds from now; undefined if the header is missing.
 */
export function retryAfterMsOf(error: unknown, heard?: unknown): number | undefined {
  const fields = (error ?? {}) as { retryAfterMs?: unknown; headers?: unknown; response?: { headers?: unknown } };
  if (typeof fields.retryAfterMs === "number") return fields.retryAfterMs;
  for (const headers of [fields.response?.headers, fields.headers, heard]) {
    const ms = parse(headerIn(headers, "retry-after"));
    if (ms !== undefined) return ms;
  }
  return undefined;
}

/** @param name in lower case. */
export function headerIn(headers: unknown, name: string): unknown {
  if (typeof headers !== "object" || headers === null) return undefined;
  const record = headers as Headers;
  if (typeof record.get === "function") return record.get(name);
  const key = Object.keys(record).find((one) => one.toLowerCase() === name);
  return key === undefined ? undefined : record[key];
}

function parse(value: unknown): number | undefined {
  const text = textOf(value ?? "").trim();
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = text === "" ? Number.NaN : Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - clock().now());
}
