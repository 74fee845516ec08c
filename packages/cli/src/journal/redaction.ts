/**
 * What of an exchange may be kept and shown: everything but secrets. They are told by the name that they stand under, in a
 * header, a query, a form, JSON or XML, and by their value, where it is one of the service's variables.
 */
import type { Header } from "@offhook/dashboard/api";
import { isSecretHeader, isSecretName } from "@offhook/runtime/redaction";

import { maskMultipart, maskQueries, maskXml } from "./named-secrets.ts";
import { spellingsOf } from "./spellings.ts";

export const mask = "•••";

/** Shorter values (`1`, `true`, `dev`) are no secrets, and stand everywhere. */
const secretLength = 8;
/** Of what is named like one. */
const namedSecretLength = 6;
/** Nobody means what lies deeper, and what walks through it runs out of stack. */
const deepest = 200;

export class Redaction {
  /** With all their spellings, the longest first: one may hold another. */
  #values: readonly string[] = [];

  /**
   * Their values are masked wherever they stand, but for what is no secret. Those of before stay masked: what is still under way has them.
   * @param variables of the service.
   */
  setVariables(variables: Readonly<Record<string, string>>): void {
    this.#add(
      Object.entries(variables).flatMap(([name, value]) => {
        const least = isSecretName(name) ? namedSecretLength : secretLength;
        return value.length >= least && !isPublic(name, value) ? [value] : [];
      }),
    );
  }

  /** For one exchange: what came under a secret's name is masked in its log and its reply as well. */
  for(headers: readonly Header[], event: Readonly<Record<string, unknown>>): Redaction {
    const values = headers.flatMap(([name, value]) => secretsOfHeader(name.toLowerCase(), value));
    collectNamed(event, false, values, 0);
    const secrets = values.filter((value) => value.length >= namedSecretLength);
    if (secrets.length === 0) return this;
    const made = new Redaction();
    made.#values = this.#values;
    made.#add(secrets.slice(0, secretsAtMost));
    return made;
  }

  text(text: string): string {
    let masked = text;
    // Most fields are shorter than any secret.
    if (text.length < namedSecretLength) return text;
    for (const value of this.#values) if (masked.includes(value)) masked = masked.replaceAll(value, mask);
    return maskQueries(masked, mask);
  }

  headers(headers: readonly Header[]): Header[] {
    return headers.map(([name, value]) => [name, this.#header(name.toLowerCase(), value)]);
  }

  #header(name: string, value: string): string {
    // Which cookies there are says a lot, and is no secret.
    if (name === "cookie")
      return value.replace(/=[^;]*|(?<=^|;)[^=;]+(?=;|$)/g, (part) => (part.startsWith("=") ? `=${mask}` : mask));
    if (name === "set-cookie")
      return value.replace(/^(?:([^=;]*)=)?[^;]*/, (_, cookie?: string) =>
        cookie === undefined ? mask : `${cookie}=${mask}`,
      );
    return isSecretHeader(name) ? mask : this.text(value);
  }

  /** Path and query. */
  target(target: string): string {
    const at = target.indexOf("?");
    if (at === -1) return this.path(target);
    return `${this.path(target.slice(0, at))}?${this.form(target.slice(at + 1))}`;
  }

  path(path: string): string {
    const segments = this.text(path).split("/");
    return segments.map((segment) => this.#unescaped(segment, unescaped(segment), (text) => text)).join("/");
  }

  /** `a=b&c=d`, as it is but for secrets. */
  form(text: string): string {
    const pairs = text.split("&").map((pair) => {
      const at = pair.indexOf("=");
      if (at === -1) return this.#unescaped(pair, decoded(pair), encodeURIComponent);
      const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
      if (isSecretName(decoded(name))) return `${name}=${encodeURIComponent(mask)}`;
      const [shownName, shownValue] = [name, value].map((part) =>
        this.#unescaped(part, decoded(part), encodeURIComponent),
      );
      return `${shownName}=${shownValue}`;
    });
    return this.text(pairs.join("&"));
  }

  /** As it is, unless there is a secret in what it means. */
  #unescaped(text: string, meant: string, escape: (text: string) => string): string {
    // The whole is looked through as it is.
    if (meant === text) return text;
    const shown = this.text(meant);
    return shown === meant ? text : escape(shown.toWellFormed());
  }

  /** @returns text that is JSON again, in the same order. */
  json(text: string): string {
    try {
      const parsed: unknown = JSON.parse(text);
      const found = { any: false };
      const shown = this.#value(parsed, false, 0, found);
      return this.text(found.any ? JSON.stringify(shown) : text);
    } catch {
      return this.text(text);
    }
  }

  /** @param found is told whether something was masked. */
  #value(value: unknown, isSecret: boolean, depth: number, found: { any: boolean }): unknown {
    if (typeof value === "object" && value !== null && depth < deepest) {
      if (Array.isArray(value)) return value.map((each: unknown) => this.#value(each, isSecret, depth + 1, found));
      const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [
        this.#string(key, found),
        this.#value(inner, isSecret || isSecretName(key), depth + 1, found),
      ]);
      return Object.fromEntries(entries);
    }
    const isHidden = typeof value === "object" ? value !== null : isSecret && typeof value !== "boolean";
    if (isHidden) found.any = true;
    if (isHidden) return mask;
    return typeof value === "string" ? this.#string(value, found) : value;
  }

  #string(text: string, found: { any: boolean }): string {
    const shown = this.text(text);
    if (shown !== text) found.any = true;
    return shown;
  }

  /** @param type of its content, as in the header. */
  body(text: string, type: string): string {
    if (type.startsWith("application/x-www-form-urlencoded")) return this.form(text);
    if (type.startsWith("multipart/")) return this.text(maskMultipart(text, mask));
    // Not everybody says that it is JSON.
    if (/^application\/(?:[\w.-]+\+)?json\b/.test(type) || /^\s*[{[]/.test(text)) return this.json(text);
    return this.text(/\bxml\b/.test(type) || /^\s*</.test(text) ? maskXml(text, mask) : text);
  }

  event(event: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return this.#value(event, false, 0, { any: false }) as Record<string, unknown>;
  }

  #add(values: readonly string[]): void {
    const all = new Set([...this.#values, ...values.flatMap(spellingsOf)]);
    this.#values = [...all].toSorted((a, b) => b.length - a.length);
  }
}

/** More are no mistake but an attack. */
const secretsAtMost = 50;

function secretsOfHeader(name: string, value: string): string[] {
  if (name === "cookie") return value.split(";").map((pair) => pair.slice(pair.indexOf("=") + 1).trim());
  // `Bearer` and `Basic` are words before it.
  return isSecretHeader(name) ? [value, value.slice(value.lastIndexOf(" ") + 1)] : [];
}

function collectNamed(value: unknown, isSecret: boolean, found: string[], depth: number): void {
  if (typeof value === "string" && isSecret) found.push(value);
  if (typeof value !== "object" || value === null || depth >= deepest) return;
  for (const [key, inner] of Object.entries(value)) {
    collectNamed(inner, isSecret || isSecretName(key), found, depth + 1);
  }
}

/** Numbers, addresses and sids of accounts and services are written on every request. */
function isPublic(name: string, value: string): boolean {
  return (
    /^(?:AC|MG|ZS|ZE|IS|VA|WW|FW|PN|WS)[0-9a-f]{32}$/.test(value) ||
    /^\+\d+$/.test(value) ||
    // Some addresses are secrets by what is at their end.
    (/^https?:\/\/[^@?]*$/.test(value) && !isSecretName(name) && !/\/[\w-]{20,}(?:\/|$)/.test(value.slice(8)))
  );
}

function decoded(text: string): string {
  return unescaped(text.replaceAll("+", " "));
}

/** As far as it can be: what is wrong with the rest does not hide a secret. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));
  }
}
