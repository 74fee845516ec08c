/**
 * The keys of `Runtime.getAssets()`. The key of a TypeScript file is its name after compilation, because deployed code
 * uses that one.
 */
import { compiledName } from "../language/language.ts";
import type { AssetResource, Service } from "../service.ts";
import type { ResourceKeys } from "./resource-key.ts";

export interface PrivateAssets {
  /** Key → file, sorted by key. */
  readonly assets: Readonly<Record<string, string>>;
  /** The same for the names of TypeScript sources. These keys work only in Offhook. */
  readonly sourceAssets: Readonly<Record<string, string>>;
}

export function privateAssetsOf(service: Pick<Service, "assets">): PrivateAssets {
  const hidden = service.assets.filter(({ visibility }) => visibility === "private");
  const sources = hidden.filter(({ path }) => compiledName(path) !== undefined);
  const others = hidden.filter(({ path }) => compiledName(path) === undefined);
  const assets = new Map([
    ...sources.map(({ path, file }): [string, string] => [compiledName(path) ?? path, file]),
    // If the compiled file is beside its source, it is the one that is deployed.
    ...others.map(entryOf),
  ]);
  return {
    assets: Object.fromEntries([...assets].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    sourceAssets: Object.fromEntries(sources.map(entryOf)),
  };
}

/** All keys of `Runtime`, and the paths of assets that authors may look for there by mistake. */
export function resourceKeysOf({ functions, assets }: Pick<Service, "functions" | "assets">): ResourceKeys {
  const found = privateAssetsOf({ assets });
  return {
    functions: functions.map(({ name }) => name),
    assets: Object.keys(found.assets),
    sourceAssets: Object.keys(found.sourceAssets),
    openAssets: assets.filter(({ visibility }) => visibility !== "private").map(({ path }) => path),
  };
}

function entryOf({ path, file }: AssetResource): [string, string] {
  return [path, file];
}
