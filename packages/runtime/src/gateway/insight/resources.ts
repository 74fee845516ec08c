/**
 * Resources of the service that are looked for under a key or a path that leads nowhere.
 */
import { whyNoAsset, whyNoFunction } from "../../project/resource-key.ts";
import type { Detector, Facts, Hint, Place } from "./facts.ts";

/** How far up from where an error was thrown its cause is looked for. */
const framesLookedAt = 3;

const lookup =
  /\bRuntime\s*\.\s*(getFunctions|getAssets)\s*\(\s*\)\s*(?:\?\.)?(?:\[\s*(?:(["'`])([^"'`$\\]+)\2|([A-Za-z_$][\w$]*))\s*\]|\.\s*([A-Za-z_$][\w$]*))/g;
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

function lookupsIn(text: string, source: readonly string[], place: Place, { keys }: Facts): Hint[] {
  return [...text.matchAll(lookup)].flatMap((match): Hint[] => {
    const [, method, , quoted, variable, dotted] = match;
    const key = quoted ?? dotted ?? (variable === undefined ? undefined : constantIn(source, variable));
    if (key === undefined) return [];
    const reason = method === "getFunctions" ? whyNoFunction(key, keys) : whyNoAsset(key, keys);
    if (reason === undefined) return [];
    return [{ text: reason.endsWith("?") ? reason : `${reason}.`, place: { ...place, column: match.index + 1 } }];
  });
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
