/**
 * What of an exchange may be kept and shown: everything but secrets. A secret is recognised by its name, in a header, a query, a form, JSON
 * or XML, and by its value, in every spelling, if it is one of the service's variables or came under a secret's name.
 */
import { isSecretHeader, isSecretName } from "@offhook/runtime/internal/redaction";

import type { Header } from "../api.ts";
import { collectNamed, derivedSecrets, maxDepth, secretsInBasic } from "./derived-secrets.ts";
import { maskMultipart, maskQueries, maskXml } from "./named-secrets.ts";
import { SecretMatcher, type Range } from "./secret-matcher.ts";

export const mask = "•••";

/** Shorter values (`1`, `true`, `dev`) are no secrets, and stand everywhere. */
const secretLength = 8;
/** Of what is named like one. */
const namedSecretLength = 6;
export class Redaction {
  /** Of the service's variables, and of one exchange. */
  #matchers: readonly SecretMatcher[] = [new SecretMatcher()];

  /**
   * Their values are masked wherever they stand, but for what is no secret. Those of before stay masked: what is still under way has them.
   * @param variables of the service.
   */
  setVariables(variables: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(variables)) {
      const minLength = isSecretName(name) ? namedSecretLength : secretLength;
      if (value.length < minLength || isPublic(name, value)) continue;
      for (const secret of [value, ...derivedSecrets(value)])
        if (secret.length >= namedSecretLength) this.#matchers[0]?.add(secret);
    }
  }

  /** For one exchange: what came under a secret's name is masked in its log and its reply as well. */
  for(headers: readonly Header[], event: Readonly<Record<string, unknown>>): Redaction {
    const values = headers.flatMap(([name, value]) => secretsOfHeader(name.toLowerCase(), value));
    collectNamed(event, false, values, 0);
    const secrets = values.filter((value) => value.length >= namedSecretLength);
    if (secrets.length === 0) return this;
    const matcher = new SecretMatcher("small");
    for (const secret of secrets.slice(0, maxNamedSecrets)) matcher.add(secret.slice(0, maxNamedSecretLength));
    const made = new Redaction();
    made.#matchers = [...this.#matchers, matcher];
    return made;
  }

  text(text: string): string {
    return maskQueries(masked(text, this.#find(text), text.length), mask);
  }

  /**
   * Pieces of one output: a secret may begin in one and end in another.
   * @param maxLength of each piece, before masking. What lies behind only helps to recognise a secret that crosses the end.
   */
  pieces(texts: readonly string[], maxLength: number): string[] {
    const found = this.#find(texts.join("\n"));
    let start = 0;
    let index = 0;
    return texts.map((text) => {
      const end = start + text.length;
      const textRanges: Range[] = [];
      for (let range = found[index]; range !== undefined && range[0] < end; range = found[index]) {
        if (text !== "") textRanges.push([Math.max(range[0] - start, 0), Math.min(range[1], end) - start]);
        // The next piece has the rest of it.
        if (range[1] > end) break;
        index++;
      }
      start = end + 1;
      return maskQueries(masked(text, textRanges, Math.min(text.length, maxLength)), mask);
    });
  }

  /** Sorted and apart. */
  #find(text: string): Range[] {
    const found: Range[] = [];
    for (const matcher of this.#matchers) matcher.find(text, found);
    return merged(found);
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
  #unescaped(text: string, unescapedText: string, escape: (text: string) => string): string {
    // The whole is looked through as it is.
    if (unescapedText === text) return text;
    const shown = this.text(unescapedText);
    return shown === unescapedText ? text : escape(shown.toWellFormed());
  }

  /** @returns text that is JSON again, in the same order. */
  json(text: string): string {
    const walk: Walk = { hasMasked: false, room: Infinity };
    try {
      const shown = this.#value(JSON.parse(text) as unknown, false, 0, walk);
      return this.text(walk.hasMasked ? JSON.stringify(shown) : text);
    } catch {
      return this.text(text);
    }
  }

  /** The beginning of a long JSON, with secrets masked by their names. */
  #startOfJson(text: string, length: number): string {
    try {
      const shown = this.#value(JSON.parse(text) as unknown, false, 0, { hasMasked: false, room: length });
      return JSON.stringify(shown).slice(0, length);
    } catch {
      return text.slice(0, length);
    }
  }

  #value(value: unknown, isSecret: boolean, depth: number, walk: Walk): unknown {
    if (walk.room <= 0) return mask;
    walk.room--;
    if (typeof value === "object" && value !== null && depth < maxDepth) {
      if (Array.isArray(value)) {
        if (this.#isSecretBytes(value)) return this.#masked(walk);
        return value.map((each: unknown) => this.#value(each, isSecret, depth + 1, walk));
      }
      const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [
        this.#string(key, walk),
        this.#value(inner, isSecret || isSecretName(key), depth + 1, walk),
      ]);
      return Object.fromEntries(entries);
    }
    const isHidden = typeof value === "object" ? value !== null : isSecret && typeof value !== "boolean";
    if (isHidden) return this.#masked(walk);
    return typeof value === "string" ? this.#string(value, walk) : value;
  }

  #string(text: string, walk: Walk): string {
    if (walk.room <= 0) return mask;
    walk.room -= text.length;
    const shown = this.text(text);
    if (shown !== text) walk.hasMasked = true;
    return shown;
  }

  #masked(walk: Walk): string {
    walk.hasMasked = true;
    return mask;
  }

  /** A Buffer, as JSON has it. */
  #isSecretBytes(values: readonly unknown[]): boolean {
    if (values.length < namedSecretLength || !values.every(Number.isInteger)) return false;
    const text = values.join();
    return this.text(text) !== text;
  }

  /**
   * @param type of its content, as in the header.
   * @param limit of what will be shown: of a longer text, only about so much is masked and returned.
   */
  body(text: string, type: string, limit = Infinity): string {
    // Not everybody says that it is JSON.
    const isJson = /^application\/(?:[\w.-]+\+)?json\b/.test(type) || (!isForm(type) && /^\s*[{[]/.test(text));
    if (text.length <= limit + maskedMargin) return isJson ? this.json(text) : this.#textBody(text, type);
    const length = limit + maskedMargin;
    const shown = isJson ? this.text(this.#startOfJson(text, length)) : this.#textBody(text.slice(0, length), type);
    // A secret that crosses the cut may be too short there to be recognised.
    return shown.slice(0, Math.max(0, shown.length - maskedMargin / 2));
  }

  #textBody(text: string, type: string): string {
    if (type.startsWith("application/x-www-form-urlencoded")) return this.form(text);
    if (type.startsWith("multipart/")) return this.text(maskMultipart(text, mask));
    return this.text(/\bxml\b/.test(type) || /^\s*</.test(text) ? maskXml(text, mask) : text);
  }

  event(event: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return this.#value(event, false, 0, { hasMasked: false, room: maxEventLength }) as Record<string, unknown>;
  }
}

/** Progress through a value. */
interface Walk {
  hasMasked: boolean;
  /** How much more is looked at; the rest is masked unseen. */
  room: number;
}

/** Beyond what is shown, so much is masked as well, since a secret may cross the end. */
export const maskedMargin = 16_384;
const maxEventLength = 1_048_576;

function isForm(type: string): boolean {
  return type.startsWith("application/x-www-form-urlencoded") || type.startsWith("multipart/");
}

/** More, or longer ones, are no mistake but an attack. */
const maxNamedSecrets = 50;
const maxNamedSecretLength = 16_384;

function merged(ranges: Range[]): Range[] {
  const made: [start: number, end: number][] = [];
  for (const [start, end] of ranges.toSorted((one, other) => one[0] - other[0])) {
    const last = made.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else made.push([start, end]);
  }
  return made;
}

/** The text up to `end`, with a mask for each range that begins before it. */
function masked(text: string, ranges: readonly Range[], end: number): string {
  if (ranges.length === 0) return text.slice(0, end);
  let shown = "";
  let at = 0;
  for (const [from, to] of ranges) {
    if (from >= end) break;
    shown += text.slice(at, from) + mask;
    at = to;
  }
  return at < end ? shown + text.slice(at, end) : shown;
}

function secretsOfHeader(name: string, value: string): string[] {
  if (name === "cookie") return value.split(";").map((pair) => pair.slice(pair.indexOf("=") + 1).trim());
  // `Bearer` and `Basic` are words before it.
  return isSecretHeader(name) ? [value, value.slice(value.lastIndexOf(" ") + 1), ...secretsInBasic(value)] : [];
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
