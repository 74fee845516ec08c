/**
 * Explains why a key of `Runtime.getFunctions()` or `Runtime.getAssets()` does not exist. `offhook check` and the hints
 * of development use these texts. Pure.
 */
import { suggest } from "../suggestion.ts";

export interface ResourceKeys {
  readonly functions: readonly string[];
  /** Keys of private assets, as `Runtime.getAssets()` lists them. */
  readonly assets: readonly string[];
  /** Keys that also work but are not listed. */
  readonly sourceAssets: readonly string[];
  /** Paths of assets that are not private. `Runtime.getAssets()` does not have them. */
  readonly openAssets: readonly string[];
}

/** Returns a sentence without its full stop. Undefined for a key that exists. */
export function whyNoFunction(key: string, { functions }: ResourceKeys): string | undefined {
  if (functions.includes(key)) return undefined;
  const plain = key.replace(/^\.?\//, "").replace(/(?:\.(?:private|protected))?(?:\.[cm]?[jt]s)?$/, "");
  const meant = functions.includes(plain) ? plain : suggest(key, functions);
  return `There is no function ${shown(key)}${didYouMean(meant)}`;
}

/** The same for an asset. */
export function whyNoAsset(key: string, { assets, sourceAssets, openAssets }: ResourceKeys): string | undefined {
  if (assets.includes(key) || sourceAssets.includes(key)) return undefined;
  const plain = `/${key.replace(/^\.?\/+/, "").replace(/\.private(?=\.[^./]*$|$)/, "")}`;
  if (openAssets.includes(key) || (openAssets.includes(plain) && !assets.includes(plain))) {
    return `The asset ${shown(key)} is not private, so it is not in Runtime.getAssets(). Rename the file to ${privateName(plain)}`;
  }
  const meant = assets.includes(plain) ? plain : suggest(key, assets);
  return `There is no private asset ${shown(key)}${didYouMean(meant)}`;
}

/** `/lib/names.json` → `names.private.json`. */
function privateName(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/^(.*?)(\.[^.]*)?$/, "$1.private$2");
  return name.length > 60 ? "name.private.ext" : name;
}

function didYouMean(key: string | undefined): string {
  return key === undefined ? "" : `; did you mean ${shown(key)}?`;
}

const maxCharacters = 60;

function shown(key: string): string {
  const text = key.length > maxCharacters ? `${key.slice(0, maxCharacters)}…` : key;
  return JSON.stringify(text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
