/**
 * What of an exchange may be kept and shown: everything but secrets. They are told by the name that they stand under, in a
 * header, a query, a form or JSON, and by their value, where it is one of the service's variables.
 */
import type { Header } from "@offhook/dashboard/api";
import { isSecretHeader, isSecretName } from "@offhook/runtime/redaction";

export const mask = "•••";

/** Shorter values (`1`, `true`, `dev`) are no secrets, and stand everywhere. */
const secretLength = 8;
export class Redaction {
  #values: readonly string[] = [];

  /** @param variables of the service; its values are masked wherever they stand, but for what is no secret. */
  setVariables(variables: Readonly<Record<string, string>>): void {
    this.#values = Object.entries(variables)
      .filter(([name, value]) => value.length >= secretLength && !isPublic(name, value))
      .map(([, value]) => value)
      // The longest first: one may hold another.
      .toSorted((a, b) => b.length - a.length);
  }

  text(text: string): string {
    let masked = text;
    for (const value of this.#values) {
      if (masked.includes(value)) masked = masked.replaceAll(value, mask);
      const encoded = encodeURIComponent(value);
      if (encoded !== value && masked.includes(encoded)) masked = masked.replaceAll(encoded, mask);
    }
    return masked;
  }

  headers(headers: readonly Header[]): Header[] {
    return headers.map(([name, value]) => [name, this.#header(name.toLowerCase(), value)]);
  }

  #header(name: string, value: string): string {
    // Which cookies there are says a lot, and is no secret.
    if (name === "cookie") return value.replace(/=[^;]*/g, `=${mask}`);
    if (name === "set-cookie") return value.replace(/^([^=;]*)=[^;]*/, `$1=${mask}`);
    return isSecretHeader(name) ? mask : this.text(value);
  }

  /** Path and query. */
  target(target: string): string {
    const at = target.indexOf("?");
    if (at === -1) return this.text(target);
    return `${this.text(target.slice(0, at))}?${this.form(target.slice(at + 1))}`;
  }

  /** `a=b&c=d`, as it is but for secrets. */
  form(text: string): string {
    const pairs = text.split("&").map((pair) => {
      const at = pair.indexOf("=");
      return at !== -1 && isSecretName(decoded(pair.slice(0, at)))
        ? `${pair.slice(0, at)}=${encodeURIComponent(mask)}`
        : pair;
    });
    return this.text(pairs.join("&"));
  }

  /** @returns text that is JSON again, in the same order. */
  json(text: string): string {
    try {
      const parsed: unknown = JSON.parse(text);
      if (!holdsSecretName(parsed)) return this.text(text);
      return this.text(
        JSON.stringify(parsed, (key, value: unknown) => (isSecretName(key) && isScalar(value) ? mask : value)),
      );
    } catch {
      return this.text(text);
    }
  }

  /** @param type of its content, as in the header. */
  body(text: string, type: string): string {
    if (type.startsWith("application/x-www-form-urlencoded")) return this.form(text);
    return /^application\/(?:[\w.-]+\+)?json\b/.test(type) ? this.json(text) : this.text(text);
  }

  event(event: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return JSON.parse(this.json(JSON.stringify(event))) as Record<string, unknown>;
  }
}

/** Numbers, addresses and sids of accounts and services are written on every request. */
function isPublic(name: string, value: string): boolean {
  return (
    /^(?:AC|MG|ZS|ZE|IS|VA|WW|FW|PN|WS)[0-9a-f]{32}$/.test(value) ||
    /^\+\d+$/.test(value) ||
    (/^https?:\/\/[^@?]*$/.test(value) && !isSecretName(name))
  );
}

function isScalar(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number";
}

function holdsSecretName(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, inner]) => (isSecretName(key) && isScalar(inner)) || holdsSecretName(inner));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
