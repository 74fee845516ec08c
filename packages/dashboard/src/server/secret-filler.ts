/**
 * Puts secrets back in place of their masks, before a request is sent. Parts that the author did not touch are sent as they came,
 * if the original is still in memory. Masks of variables are filled from `.env`. Other secrets must be entered again.
 */
import type { Exchange, Header, SendRequest } from "../api.ts";
import { fillMasks, hasMask, mask, readMasks, withPlainMasks } from "../mask.ts";
import { ApiError } from "./api-answer.ts";

type Variables = Readonly<Record<string, string>>;
type Pair = readonly [name: string, value: string];

/** The request that the author edited, as it was shown and as it came. */
export interface EditedRequest {
  readonly shown: Exchange["request"];
  readonly original: { readonly target: string; readonly headers: readonly Header[]; readonly body: Uint8Array };
}

/** A request without masks. The body may be the bytes that came. */
export interface FilledRequest extends Omit<SendRequest, "body" | "secrets"> {
  readonly body?: string | Uint8Array;
}

/** @throws ApiError `secret-missing` that names each place where a value is missing. */
export function withSecrets(
  { secrets: _secrets, ...request }: SendRequest,
  edited: EditedRequest | undefined,
  variables: Variables,
): FilledRequest {
  const filler = new SecretFiller(variables);
  const { target, headers, fields, body } = request;
  const filled: FilledRequest = {
    ...request,
    target: filler.target(target, edited && [edited.shown.target, edited.original.target]),
    ...(headers && { headers: filler.pairs("header ", headers, edited && headersOf(edited), lowerCase) }),
    ...(fields && { fields: filler.pairs("field ", fields, edited && fieldsOf(edited)) }),
    ...(body !== undefined && { body: filler.body(body, edited) }),
  };
  if (filler.missing.length > 0) throw new ApiError(409, "secret-missing", filler.missing.map(adviceFor).join(" "));
  return filled;
}

/** A secret that cannot be put back. */
interface MissingSecret {
  /** Such as `field api_key`. */
  readonly place: string;
  readonly variable: string | undefined;
}

function adviceFor({ place, variable }: MissingSecret): string {
  return variable === undefined
    ? `Enter a value for the ${place}. It was secret, and offhook dev does not have it.`
    : `The ${place} needs the variable ${variable}, but .env does not have it.`;
}

/** Text that was shown, and the same text as it came. */
type Known = readonly [shown: string, original: string];
type KnownPairs = readonly [shown: readonly Pair[], original: readonly Pair[]];

class SecretFiller {
  readonly missing: MissingSecret[] = [];
  readonly #variables: Variables;

  constructor(variables: Variables) {
    this.#variables = variables;
  }

  text(place: string, text: string, known: Known | undefined, escape = (value: string) => value): string {
    if (!text.includes(mask)) return text;
    if (known?.[0] === text) return known[1];
    const masked = readMasks(text);
    const secrets = known && secretsBetween(known, masked.masks);
    return fillMasks(masked, (variable, index) => {
      const value = variable === undefined ? undefined : this.#variables[variable];
      if (secrets?.[index] !== undefined) return secrets[index];
      if (value !== undefined) return escape(value);
      const before = masked.literals[index] ?? "";
      const name = place === "body" ? /"([^"]+)"\s*:\s*"[^"]*$/.exec(before)?.[1] : undefined;
      this.missing.push({ place: name === undefined ? place : `field ${name}`, variable });
      return mask;
    });
  }

  target(target: string, known: Known | undefined): string {
    if (!hasMask(target)) return target;
    if (known?.[0] === target) return known[1];
    const [path, query] = cut(target);
    const [shown, original] = known?.map(cut) ?? [];
    const filled = this.text("path", path, shown && original && [shown[0], original[0]], encodeURIComponent);
    // A masked path is shown without escapes.
    const filledPath = filled.replace(/[^!-~•]+/g, (text) => encodeURIComponent(text.toWellFormed()));
    if (query === undefined) return filledPath;
    const knownPairs = shown?.[1] === undefined ? undefined : ([shown[1], original?.[1] ?? ""] as const);
    return `${filledPath}?${this.form("parameter ", query, knownPairs)}`;
  }

  /** A query or the body of a form. Pairs that the author did not touch keep their spelling. */
  form(kind: string, query: string, known: Known | undefined): string {
    const [shown = [], original = []] = known?.map((text) => text.split("&")) ?? [];
    const isParallel = shown.length === original.length;
    const used = new Set<number>();
    const parts = query.split("&").map((part) => {
      // Several secrets of one name look the same. They are in the same order.
      const next = shown.findIndex((each, index) => each === part && !used.has(index));
      const index = isParallel ? (next === -1 ? shown.indexOf(part) : next) : -1;
      used.add(index);
      if (index !== -1) return original[index] ?? part;
      if (!hasMask(part)) return part;
      const [[name = ""] = []] = new URLSearchParams(part);
      return this.text(kind + name, withPlainMasks(part), undefined, encodeURIComponent);
    });
    return parts.join("&");
  }

  pairs(kind: string, pairs: readonly Pair[], known: KnownPairs | undefined, same = (name: string) => name): Pair[] {
    const unused = known?.[0].map((pair, index) => ({ pair, original: known[1][index] })) ?? [];
    const isParallel = known?.[0].length === known?.[1].length;
    return pairs.map(([name, value]): Pair => {
      const ofName = isParallel ? unused.filter(({ pair }) => same(pair[0]) === same(name)) : [];
      const found = ofName.find(({ pair }) => pair[1] === value) ?? ofName[0];
      if (found !== undefined) unused.splice(unused.indexOf(found), 1);
      return [name, this.text(kind + name, value, found?.original && [found.pair[1], found.original[1]])];
    });
  }

  body(body: string, edited: EditedRequest | undefined): string | Uint8Array {
    const shown = edited?.shown.body;
    if (shown?.encoding === "utf8" && body === shown.text) return edited?.original.body ?? body;
    if (!body.includes(mask)) return body;
    const original = edited === undefined ? "" : Buffer.from(edited.original.body).toString("utf8");
    const [value, shownValue, originalValue] = [body, shown?.text ?? "", original].map(parsed);
    // A mask is never written with escapes, neither its dots nor its name. Such text is not secret, and must stay as it is.
    const hasEscapes = /\\u(?:2022|00[2-7])/i.test(body);
    const isReadable = shownValue !== undefined && originalValue !== undefined && !hasEscapes;
    if (value !== undefined && isReadable)
      return JSON.stringify(this.#json("body", value.json, shownValue.json, originalValue.json));
    return this.text("body", body, shown && [shown.text, original], value && inJson);
  }

  #json(place: string, value: unknown, shown: unknown, original: unknown): unknown {
    if (typeof value === "string") {
      if (!value.includes(mask)) return value;
      if (value === shown) return original;
      const known =
        typeof shown === "string" && typeof original === "string" ? ([shown, original] as const) : undefined;
      return this.text(place, value, known);
    }
    if (Array.isArray(value))
      return value.map((each, index) => this.#json(place, each, at(shown, index), at(original, index)));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        key,
        this.#json(`field ${key}`, each, at(shown, key), at(original, key)),
      ]),
    );
  }
}

/**
 * The secrets in the order of their masks.
 * @returns undefined if the author changed the masks, or if it is not certain where a secret begins and ends.
 */
function secretsBetween([shown, original]: Known, masks: readonly (string | undefined)[]): string[] | undefined {
  const known = readMasks(shown);
  if (known.masks.join() !== masks.join()) return undefined;
  const secrets: string[] = [];
  const [first = "", ...others] = known.literals;
  if (!original.startsWith(first)) return undefined;
  let start = first.length;
  for (const [index, literal] of others.entries()) {
    const isLast = index === others.length - 1;
    const end = isLast ? original.length - literal.length : original.indexOf(literal, start);
    const isCertain = isLast ? original.endsWith(literal) : literal !== "" && original.lastIndexOf(literal) === end;
    if (end < start || !isCertain) return undefined;
    secrets.push(original.slice(start, end));
    start = end + literal.length;
  }
  return secrets;
}

function headersOf({ shown, original }: EditedRequest): KnownPairs {
  return [shown.headers, original.headers];
}

function fieldsOf({ shown, original }: EditedRequest): KnownPairs {
  return [[...new URLSearchParams(shown.body.text)], [...new URLSearchParams(Buffer.from(original.body).toString())]];
}

function cut(target: string): readonly [path: string, query: string | undefined] {
  const start = target.indexOf("?");
  return start === -1 ? [target, undefined] : [target.slice(0, start), target.slice(start + 1)];
}

function parsed(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function at(value: unknown, key: string | number): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string | number, unknown>)[key]
    : undefined;
}

function inJson(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

function lowerCase(name: string): string {
  return name.toLowerCase();
}

/**
 * A request of the journal, with the masks of variables filled. Headers with other secrets are left out: the request may
 * do without them.
 * @throws ApiError `not-kept` if the target or the body contains other secrets.
 */
export function filledFromVariables(
  request: Exchange["request"],
  variables: Variables,
): Pick<Exchange["request"], "target" | "headers"> & { readonly text: string } {
  const filler = new SecretFiller(variables);
  const type = request.headers.find(([name]) => lowerCase(name) === "content-type")?.[1] ?? "";
  const { text } = request.body;
  const isForm = /^application\/x-www-form-urlencoded/i.test(type);
  const filled = {
    target: filler.target(request.target, undefined),
    text: isForm ? filler.form("field ", text, undefined) : filler.body(text, undefined).toString(),
  };
  if (filler.missing.length > 0) {
    const places = new Set(filler.missing.map(({ place }) => place));
    const message = `The request contained secrets, and they are forgotten when offhook dev exits: ${[...places].join(", ")}.`;
    throw new ApiError(409, "not-kept", `${message} To enter them, use "Edit and resend" in the dashboard.`);
  }
  const headers = request.headers.flatMap(([name, value]): Header[] => {
    if (lowerCase(name) === "x-twilio-signature") return [[name, value]];
    const isKnown = readMasks(value).masks.every((each) => each !== undefined && variables[each] !== undefined);
    return isKnown ? [[name, filler.text(name, value, undefined)]] : [];
  });
  return { ...filled, headers };
}
