/**
 * Resources of the service that are looked for under a key or a path that leads nowhere.
 */
import { whyNoAsset, whyNoFunction } from "../../project/resource-key.ts";
import type { Detector, Facts, Hint, Place } from "./facts.ts";

/** How far up from where an error was thrown its cause is looked for. */
const framesLookedAt = 3;

const allOfThem = String.raw`\bRuntime\s*\.\s*(getFunctions|getAssets)\s*\(\s*\)`;
const keyOfOne = String.raw`\s*(?:\?\.)?(?:\[\s*(?:(?<quote>["'\`])([^"'\`$\\]+)\k<quote>|([A-Za-z_$][\w$]*))\s*\]|\.\s*([A-Za-z_$][\w$]*)(?!\s*\())`;
const lookup = new RegExp(allOfThem + keyOfOne, "g");
/** `const assets = Runtime.getAssets();` */
const named = new RegExp(String.raw`\b(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*(?::[^=]+)?=\s*${allOfThem}\s*;?\s*$`);
const assignment = /\b(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*=\s*/;

/** `undefined` is what a key that there is not gives. */
export const missingResource: Detector = (facts) => {
  const { error, frames } = facts;
  if (error?.name !== "TypeError" || !/undefined/.test(error.message)) return [];
  if (!/\((?:reading|destructuring) '(?:path|open)'\)|'(?:path|open)' of|Received undefined/.test(error.message))
    return [];
  for (const frame of frames.slice(0, framesLookedAt)) {
    const file = frame.file ?? "";
    const source = facts.linesOf(file);
    const line = source[frame.line - 1] ?? "";
    const used = new Set(line.match(/[A-Za-z_$][\w$]*/g));
    const hints = source.flatMap((text, index): Hint[] => {
      const name = assignment.exec(text)?.[1];
      if (index !== frame.line - 1 && (name === undefined || !used.has(name))) return [];
      return lookupsIn(text, source, { file, line: index + 1, column: 1 }, facts);
    });
    if (hints.length > 0) return hints.slice(0, 2);
  }
  return [];
};

function lookupsIn(line: string, source: readonly string[], place: Place, { keys }: Facts): Hint[] {
  const text = withoutNames(line, source);
  return [...text.matchAll(lookup)].flatMap((match): Hint[] => {
    const [, method, , quoted, variable, dotted] = match;
    const key = quoted ?? dotted ?? (variable === undefined ? undefined : constantIn(source, variable));
    if (key === undefined) return [];
    const reason = method === "getFunctions" ? whyNoFunction(key, keys) : whyNoAsset(key, keys);
    if (reason === undefined) return [];
    return [
      {
        text: reason.endsWith("?") ? reason : `${reason}.`,
        place: { ...place, column: columnIn(line, text, match.index) },
      },
    ];
  });
}

/** With `Runtime.getAssets()` for the name that the source has given it. */
function withoutNames(line: string, source: readonly string[]): string {
  let text = line;
  for (const declaration of source) {
    const [, name, method] = named.exec(declaration) ?? [];
    if (name === undefined || method === undefined || !isDeclaredAlike(name, method, source)) continue;
    const use = new RegExp(String.raw`(?<![.\w$])${name.replaceAll("$", "\\$")}(?=${keyOfOne})`, "g");
    text = text.replace(use, `Runtime.${method}()`);
  }
  return text;
}

/** Whether the name means nothing else anywhere in the file. */
function isDeclaredAlike(name: string, method: string, source: readonly string[]): boolean {
  const declares = new RegExp(String.raw`\b(?:const|let|var|function|class)\s+${name.replaceAll("$", "\\$")}(?![\w$])`);
  return source.every((text) => {
    return !declares.test(text) || (named.exec(text)?.[1] === name && named.exec(text)?.[2] === method);
  });
}

/** Where in the line the lookup is that was found in the text made of it. */
function columnIn(line: string, text: string, index: number): number {
  return line === text ? index + 1 : commonStart(line, text, index) + 1;
}

function commonStart(line: string, text: string, index: number): number {
  let at = 0;
  while (at < index && line[at] === text[at]) at++;
  return at;
}

/** Undefined unless it is written down once, and never changed. */
function constantIn(source: readonly string[], name: string): string | undefined {
  const pattern = new RegExp(`\\bconst\\s+${name.replaceAll("$", "\\$")}\\s*=\\s*(["'])([^"'\\\\]+)\\1\\s*;?\\s*$`);
  const found = source.flatMap((text) => pattern.exec(text)?.[2] ?? []);
  return found.length === 1 ? found[0] : undefined;
}

/** What `/` serves is easily taken for any `index.html`. */
export function hintOfPath(
  path: string,
  { openAssets }: { readonly openAssets: readonly string[] },
): string | undefined {
  if (path !== "/" || !openAssets.includes("/index.html")) return undefined;
  return "/ serves assets/assets/index.html, as on hosted Functions. This page is at /index.html.";
}
