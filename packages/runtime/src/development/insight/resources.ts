/**
 * Lookups of resources under a key or a path that does not exist.
 */
import { whyNoAsset, whyNoFunction, type ResourceKeys } from "../../project/resource-key.ts";
import type { Detector, Hint } from "./facts.ts";
import type { ResourceLookup } from "./source-outline.ts";

/** How many frames, from the top of the stack, are searched for the cause of an error. */
const framesLookedAt = 3;

/** A lookup with an unknown key returns `undefined`. */
export const missingResource: Detector = (facts) => {
  const { error, frames, keys } = facts;
  if (error?.name !== "TypeError" || !/undefined/.test(error.message)) return [];
  if (!/\((?:reading|destructuring) '(?:path|open)'\)|'(?:path|open)' of|Received undefined/.test(error.message))
    return [];
  for (const { file = "", line } of frames.slice(0, framesLookedAt)) {
    const lookups = facts.outlineOf(file)?.lookups.filter(({ lines }) => lines.includes(line)) ?? [];
    const hints = lookups.flatMap((lookup) => hintOf(lookup, file, keys));
    if (hints.length > 0) return hints.slice(0, 2);
  }
  return [];
};

function hintOf({ method, key, line, column }: ResourceLookup, file: string, keys: ResourceKeys): readonly Hint[] {
  const reason = method === "getFunctions" ? whyNoFunction(key, keys) : whyNoAsset(key, keys);
  if (reason === undefined) return [];
  return [{ text: reason.endsWith("?") ? reason : `${reason}.`, place: { file, line, column } }];
}

/** Authors easily assume that `/` serves any `index.html`. */
export function hintOfPath(
  path: string,
  { openAssets }: { readonly openAssets: readonly string[] },
): string | undefined {
  if (path !== "/" || !openAssets.includes("/index.html")) return undefined;
  return "/ serves assets/assets/index.html, as on hosted Functions. This page is at /index.html.";
}
