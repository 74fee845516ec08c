/**
 * Why a key of `Runtime.getFunctions()` or `Runtime.getAssets()` leads to nothing: what `offhook check` and the hints of
 * development say. Pure.
 */
import { suggest } from "../suggestion.ts";

export interface ResourceKeys {
  readonly functions: readonly string[];
  /** Private ones, as `Runtime.getAssets()` lists them. */
  readonly assets: readonly string[];
  /** Keys that work too and are not listed. */
  readonly sourceAssets: readonly string[];
  /** Paths of assets that are not private, and so not among the keys. */
  readonly openAssets: readonly string[];
}

/** A sentence without its end. Undefined for a key that there is. */
export function whyNoFunction(key: string, { functions }: ResourceKeys): string | undefined {
  if (functions.includes(key)) return undefined;
  const plain = key.replace(/^\.?\//, "").replace(/(?:\.(?:private|protected))?(?:\.[cm]?[jt]s)?$/, "");
  const meant = functions.includes(plain) ? plain : suggest(key, functions);
  return `There is no function ${shown(key)}${didYouMean(meant)}`;
}

/** The same, of an asset. */
export function whyNoAsset(key: string, { assets, sourceAssets, openAssets }: ResourceKeys): string | undefined {
  if (assets.includes(key) || sourceAssets.includes(key)) return undefined;
  const plain = `/${key.replace(/^\.?\/+/, "").replace(/\.private(?=\.[^./]*$|$)/, "")}`;
  if (openAssets.includes(key) || (openAssets.includes(plain) && !assets.includes(plain))) {
    return `The asset ${shown(key)} is not private, and so not in Runtime.getAssets(): rename the file to ${privateName(plain)}`;
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
