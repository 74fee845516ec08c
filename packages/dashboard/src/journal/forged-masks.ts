/**
 * Anybody may send the text `•••AUTH_TOKEN•••`. If that counted as a mask, the value of the variable would be put in its
 * place when the request is sent again. So masks of variables that the original does not explain become bare masks,
 * which are never filled from variables.
 */
import type { Exchange, Header } from "../api.ts";
import { fillMasks, mask, readMasks, variableMask } from "../mask.ts";

type MaskedRequest = Exchange["request"];

interface ReceivedRequest {
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
  readonly event: Readonly<Record<string, unknown>>;
}

/** @param variableNames by the variables' values. */
export function withoutForgedMasks(
  request: MaskedRequest,
  received: ReceivedRequest,
  variableNames: ReadonlyMap<string, string>,
): MaskedRequest {
  // The event is decoded: a mask in it may be written with escapes, or in another charset, in the body.
  const event = JSON.stringify(request.event);
  const shown = [request.target, ...request.headers.map(([, value]) => value), request.body.text, event];
  if (!shown.some((text) => /•|%e2%80%a2/i.test(text))) return request;
  const genuine = genuineNames(shown, received, variableNames);
  const bare = (text: string): string => withBareMasks(text, genuine);
  return {
    ...request,
    target: withBareMasksInForm(request.target, bare),
    headers: request.headers.map(([name, value]) => [name, withBareMasksInForm(value, bare)]),
    body: { ...request.body, text: withBareMasksInForm(request.body.text, bare) },
    event: withBareMasksIn(request.event, bare) as MaskedRequest["event"],
  };
}

/** Names whose masks all stand for a value that came. Senders may write any name, so only known names are looked for. */
function genuineNames(
  shown: readonly string[],
  received: ReceivedRequest,
  variableNames: ReadonlyMap<string, string>,
): ReadonlySet<string> {
  const body = Buffer.from(received.body).toString("utf8");
  const texts = [received.target, ...received.headers.map(([, value]) => value), body, jsonOf(received.event)];
  const [shownTexts, cameTexts] = [shown.map(spellings), texts.map(spellings)];
  const valuesByName = Map.groupBy(variableNames, ([, name]) => name);
  const genuine = [...valuesByName].filter(([name, entries]) => {
    const masks = [variableMask(name)];
    // In JSON, a quote has a backslash before it.
    const values = new Set(entries.flatMap(([value]) => [value, JSON.stringify(value).slice(1, -1)]));
    return shownTexts.every((text, index) => most(text, masks) <= most(cameTexts[index] ?? [], values));
  });
  return new Set(genuine.map(([name]) => name));
}

/** The number of the parts in the spelling that has the most of them. */
function most(texts: readonly string[], parts: Iterable<string>): number {
  return Math.max(0, ...texts.map((text) => [...parts].reduce((sum, part) => sum + count(text, part), 0)));
}

/** The text, and the text decoded as a form or as a path. */
function spellings(text: string): readonly string[] {
  const plain = decoded(text);
  return plain === text ? [text] : [text, plain];
}

/** A bare mask may make a mask of the text behind it, as in `•••a•••b•••`. So the text is read until nothing changes. */
function withBareMasks(text: string, genuine: ReadonlySet<string>): string {
  let shown = text;
  for (;;) {
    const masked = readMasks(shown);
    if (masked.masks.every((name) => name === undefined || genuine.has(name))) return shown;
    shown = fillMasks(masked, (name) => (name !== undefined && genuine.has(name) ? variableMask(name) : mask));
  }
}

function withBareMasksInForm(text: string, bare: (text: string) => string): string {
  const [query = "", ...before] = text.split("?").toReversed();
  const pairs = query.split("&").map((pair) => {
    const literal = bare(pair);
    const plain = decoded(literal);
    const shown = bare(plain);
    return shown === plain ? literal : shown.split("=").map(encodeURIComponent).join("=");
  });
  return [...before.toReversed().map(bare), pairs.join("&")].join("?");
}

/** In names and texts. The value has been masked, so it is not nested deeply. */
function withBareMasksIn(value: unknown, bare: (text: string) => string): unknown {
  if (typeof value === "string") return bare(value);
  if (Array.isArray(value)) return value.map((each) => withBareMasksIn(each, bare));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [bare(name), withBareMasksIn(each, bare)] as const),
  );
}

/** Empty if the value is nested too deeply. Then no mask in it counts. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return "";
  }
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** As a form is decoded, which has no invalid escapes. */
function decoded(text: string): string {
  return new URLSearchParams(`=${text.replaceAll("&", "%26")}`).get("") ?? "";
}
