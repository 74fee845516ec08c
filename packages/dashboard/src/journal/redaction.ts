/**
 * Masks secrets, so that an exchange can be kept and shown. It recognises a secret by its name, in a header, a query, a
 * form, JSON or XML. It also recognises it by its value, in all its spellings, if it is a variable of the service or
 * came under a secret name.
 */
import {
  isSecretHeader,
  isSecretName,
  isSecretVariable,
  minNamedSecretLength,
} from "@offhook/runtime/internal/redaction";

import type { Header } from "../api.ts";
import { mask, variableMask } from "../mask.ts";
import { collectNamed, derivedSecrets, maxDepth, secretsInBasic } from "./derived-secrets.ts";
import { maskMultipart, maskQueries, maskXml } from "./named-secrets.ts";
import { SecretMatcher, type Range } from "./secret-matcher.ts";

export class Redaction {
  /** One for the service's variables, and one for the current exchange. */
  #matchers: readonly SecretMatcher[] = [new SecretMatcher()];
  #variableNames = new Map<string, string>();
  #isNaming = false;

  /**
   * Masks the values of the variables from now on, except values that are not secret. Earlier values stay masked,
   * because running invocations still use them.
   * @param variables the service's variables.
   */
  setVariables(variables: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(variables)) {
      if (!isSecretVariable(name, value)) continue;
      this.#variableNames.set(value, name);
      for (const secret of [value, ...derivedSecrets(value)])
        if (secret.length >= minNamedSecretLength) this.#matchers[0]?.add(secret);
    }
  }

  /** For one exchange: values that came under a secret name are masked in its log and its reply as well. */
  for(headers: readonly Header[], event: Readonly<Record<string, unknown>>): Redaction {
    const values = headers.flatMap(([name, value]) => secretsOfHeader(name.toLowerCase(), value));
    collectNamed(event, false, values, 0);
    const secrets = values.filter((value) => value.length >= minNamedSecretLength);
    if (secrets.length === 0) return this;
    const matcher = new SecretMatcher("small");
    for (const secret of secrets.slice(0, maxNamedSecrets)) matcher.add(secret.slice(0, maxNamedSecretLength));
    return this.#with({ matchers: [...this.#matchers, matcher], isNaming: this.#isNaming });
  }

  /**
   * A mask for the whole value of a variable names the variable, so that the value can be put back. Others stay bare.
   */
  withNames(): Redaction {
    return this.#with({ matchers: this.#matchers, isNaming: true });
  }

  /** Names of variables by their values. */
  get variableNames(): ReadonlyMap<string, string> {
    return this.#variableNames;
  }

  #with({ matchers, isNaming }: { matchers: readonly SecretMatcher[]; isNaming: boolean }): Redaction {
    const made = new Redaction();
    made.#matchers = matchers;
    made.#variableNames = this.#variableNames;
    made.#isNaming = isNaming;
    return made;
  }

  /** The mask for a secret. */
  readonly #maskFor = (secret: string): string => {
    if (!this.#isNaming) return mask;
    const name = this.#variableNames.get(secret);
    if (name !== undefined) return variableMask(name);
    // It was masked already.
    return /^•••[\w.-]+•••$/.test(secret) ? secret : mask;
  };

  text(text: string): string {
    return maskQueries(this.#masked(text, this.#find(text), text.length), this.#maskFor);
  }

  /** The text up to `end`, with a mask in place of each range that begins before it. */
  #masked(text: string, ranges: readonly Range[], end: number): string {
    if (ranges.length === 0) return text.slice(0, end);
    let shown = "";
    let at = 0;
    for (const [from, to] of ranges) {
      if (from >= end) break;
      shown += text.slice(at, from) + this.#maskFor(text.slice(from, to));
      at = to;
    }
    return at < end ? shown + text.slice(at, end) : shown;
  }

  /**
   * Masks pieces of one output, since a secret may begin in one piece and end in another.
   * @param maxLength of each piece before masking. Text after it only helps to recognise a secret that crosses the cut.
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
        // The rest of the range is in the next piece.
        if (range[1] > end) break;
        index++;
      }
      start = end + 1;
      return maskQueries(this.#masked(text, textRanges, Math.min(text.length, maxLength)), this.#maskFor);
    });
  }

  /** Sorted, without overlaps. */
  #find(text: string): Range[] {
    const found: Range[] = [];
    for (const matcher of this.#matchers) matcher.find(text, found);
    return merged(found);
  }

  headers(headers: readonly Header[]): Header[] {
    return headers.map(([name, value]) => [name, this.#header(name.toLowerCase(), value)]);
  }

  #header(name: string, value: string): string {
    // Names of cookies are useful, and not secret.
    if (name === "cookie")
      return value.replace(/=[^;]*|(?<=^|;)[^=;]+(?=;|$)/g, (part) =>
        part.startsWith("=") ? `=${this.#maskFor(part.slice(1))}` : this.#maskFor(part),
      );
    if (name === "set-cookie")
      return value.replace(/^(?:([^=;]*)=)?[^;]*/, (_, cookie?: string) =>
        cookie === undefined ? mask : `${cookie}=${mask}`,
      );
    if (!isSecretHeader(name)) return this.text(value);
    const [, scheme = "", secret = value] = /^((?:bearer|token) +)(.*)$/i.exec(value) ?? [];
    const shown = this.#maskFor(secret);
    return shown === mask ? mask : scheme + shown;
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

  /** Masks secrets in `a=b&c=d`, and leaves the rest unchanged. */
  form(text: string): string {
    const pairs = text.split("&").map((pair) => {
      const at = pair.indexOf("=");
      if (at === -1) return this.#unescaped(pair, decoded(pair), encodeURIComponent);
      const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
      if (isSecretName(decoded(name))) return `${name}=${encodeURIComponent(this.#maskFor(decoded(value)))}`;
      const [shownName, shownValue] = [name, value].map((part) =>
        this.#unescaped(part, decoded(part), encodeURIComponent),
      );
      return `${shownName}=${shownValue}`;
    });
    return this.text(pairs.join("&"));
  }

  /** Returns the text unchanged, unless its decoded form has a secret. */
  #unescaped(text: string, unescapedText: string, escape: (text: string) => string): string {
    // The caller masks the undecoded text, too.
    if (unescapedText === text) return text;
    const shown = this.text(unescapedText);
    return shown === unescapedText ? text : escape(shown.toWellFormed());
  }

  /** @returns JSON in the same order. */
  json(text: string): string {
    const walk: Walk = { hasMasked: false, room: Infinity };
    try {
      const shown = this.#value(JSON.parse(text) as unknown, false, 0, walk);
      return this.text(walk.hasMasked ? JSON.stringify(shown) : text);
    } catch {
      return this.text(text);
    }
  }

  /** The beginning of a long JSON text. Secrets are masked by their names. */
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
        if (this.#isSecretBytes(value)) return this.#hidden(walk, "");
        return value.map((each: unknown) => this.#value(each, isSecret, depth + 1, walk));
      }
      const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [
        this.#string(key, walk),
        this.#value(inner, isSecret || isSecretName(key), depth + 1, walk),
      ]);
      return Object.fromEntries(entries);
    }
    const isHidden = typeof value === "object" ? value !== null : isSecret && typeof value !== "boolean";
    if (isHidden) return this.#hidden(walk, typeof value === "string" ? value : "");
    return typeof value === "string" ? this.#string(value, walk) : value;
  }

  #string(text: string, walk: Walk): string {
    if (walk.room <= 0) return mask;
    walk.room -= text.length;
    const shown = this.text(text);
    if (shown !== text) walk.hasMasked = true;
    return shown;
  }

  #hidden(walk: Walk, secret: string): string {
    walk.hasMasked = true;
    return this.#maskFor(secret);
  }

  /** Whether the numbers are a secret: JSON writes a Buffer as a list of bytes. */
  #isSecretBytes(values: readonly unknown[]): boolean {
    if (values.length < minNamedSecretLength || !values.every(Number.isInteger)) return false;
    const text = values.join();
    return this.text(text) !== text;
  }

  /**
   * @param type the content type, as in the header.
   * @param limit how much will be shown. Of a longer text, only about that much is masked and returned.
   */
  body(text: string, type: string, limit = Infinity): string {
    // Some senders do not declare JSON as JSON.
    const isJson = /^application\/(?:[\w.-]+\+)?json\b/.test(type) || (!isForm(type) && /^\s*[{[]/.test(text));
    if (text.length <= limit + maskedMargin) return isJson ? this.json(text) : this.#textBody(text, type);
    const length = limit + maskedMargin;
    const shown = isJson ? this.text(this.#startOfJson(text, length)) : this.#textBody(text.slice(0, length), type);
    // A secret at the cut may be too short to be recognised, so the end is dropped.
    return shown.slice(0, Math.max(0, shown.length - maskedMargin / 2));
  }

  #textBody(text: string, type: string): string {
    if (type.startsWith("application/x-www-form-urlencoded")) return this.form(text);
    if (type.startsWith("multipart/")) return this.text(maskMultipart(text, this.#maskFor));
    return this.text(/\bxml\b/.test(type) || /^\s*</.test(text) ? maskXml(text, this.#maskFor) : text);
  }

  event(event: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return this.#value(event, false, 0, { hasMasked: false, room: maxEventLength }) as Record<string, unknown>;
  }
}

/** Progress through a value. */
interface Walk {
  hasMasked: boolean;
  /** How many more characters and values are checked. The rest is masked without a check. */
  room: number;
}

/** This much more than is shown is masked as well, since a secret may cross the end. */
export const maskedMargin = 16_384;
const maxEventLength = 1_048_576;

function isForm(type: string): boolean {
  return type.startsWith("application/x-www-form-urlencoded") || type.startsWith("multipart/");
}

/** Only attackers send more secrets, or longer ones. */
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

function secretsOfHeader(name: string, value: string): string[] {
  if (name === "cookie") return value.split(";").map((pair) => pair.slice(pair.indexOf("=") + 1).trim());
  // The value follows a word such as `Bearer` or `Basic`.
  return isSecretHeader(name) ? [value, value.slice(value.lastIndexOf(" ") + 1), ...secretsInBasic(value)] : [];
}

function decoded(text: string): string {
  return unescaped(text.replaceAll("+", " "));
}

/** Decodes as much as possible: invalid escapes must not hide a secret. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));
  }
}
