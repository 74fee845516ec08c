/**
 * Anybody may send the text `•••AUTH_TOKEN•••`. If that counted as a mask, the value of the variable would be put in its
 * place when the request is sent again. So masks of variables that the original does not explain become bare masks,
 * which are never filled from variables.
 */
import type { Exchange, Header } from "../api.ts";
import { mask, readMasks, variableMask } from "../mask.ts";

type MaskedRequest = Exchange["request"];

interface ReceivedRequest {
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

/** @param variableNames by the variables' values. */
export function withoutForgedMasks(
  request: MaskedRequest,
  received: ReceivedRequest,
  variableNames: ReadonlyMap<string, string>,
): MaskedRequest {
  const shown = [request.target, ...request.headers.map(([, value]) => value), request.body.text];
  if (!shown.some((text) => spellings(text).some((each) => each.includes(mask)))) return request;
  const body = Buffer.from(received.body).toString("utf8");
  const came = [received.target, ...received.headers.map(([, value]) => value), body];
  const masks = shown.flatMap((text) => spellings(text).flatMap((each) => readMasks(each).masks));
  const names = new Set(masks.filter((name) => name !== undefined));
  const forged = [...names].filter((name) => isForged(name, variableNames, shown, came));
  if (forged.length === 0) return request;
  const bare = (text: string): string => withBareMasks(text, forged);
  return {
    ...request,
    target: bare(request.target),
    headers: request.headers.map(([name, value]) => [name, bare(value)]),
    body: { ...request.body, text: bare(request.body.text) },
  };
}

function isForged(
  name: string,
  variableNames: ReadonlyMap<string, string>,
  shown: readonly string[],
  came: readonly string[],
): boolean {
  const values = [...variableNames].flatMap(([value, each]) => (each === name ? [value] : []));
  // In JSON, a quote has a backslash before it.
  const written = new Set(values.flatMap((value) => [value, JSON.stringify(value).slice(1, -1)]));
  const most = (text: string, parts: Iterable<string>): number =>
    Math.max(...spellings(text).map((each) => [...parts].reduce((sum, part) => sum + count(each, part), 0)));
  return shown.some((text, index) => most(text, [variableMask(name)]) > most(came[index] ?? "", written));
}

/** The text, and the text decoded as a form or as a path. */
function spellings(text: string): readonly string[] {
  return [text, decoded(text)];
}

function withBareMasks(text: string, names: readonly string[]): string {
  const bare = (each: string): string => names.reduce((rest, name) => rest.replaceAll(variableMask(name), mask), each);
  const [query = "", ...before] = text.split("?").toReversed();
  const pairs = query.split("&").map((pair) => {
    const literal = bare(pair);
    const plain = decoded(literal);
    const shown = bare(plain);
    return shown === plain ? literal : shown.split("=").map(encodeURIComponent).join("=");
  });
  return [...before.toReversed().map(bare), pairs.join("&")].join("?");
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** As a form is decoded, which has no invalid escapes. */
function decoded(text: string): string {
  return new URLSearchParams(`=${text.replaceAll("&", "%26")}`).get("") ?? "";
}
