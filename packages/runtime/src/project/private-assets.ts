/**
 * The keys of `Runtime.getAssets()`. TypeScript has the name that it has once it is compiled, because deployed code asks
 * for that one.
 */
import { compiledName } from "../language/language.ts";
import type { AssetResource, Service } from "../service.ts";
import type { ResourceKeys } from "./resource-key.ts";

export interface PrivateAssets {
  /** Key → file, in order of key. */
  readonly assets: Readonly<Record<string, string>>;
  /** The same for names of TypeScript sources. They lead to the file here, and exist nowhere else. */
  readonly sourceAssets: Readonly<Record<string, string>>;
}

export function privateAssetsOf(service: Pick<Service, "assets">): PrivateAssets {
  const hidden = service.assets.filter(({ visibility }) => visibility === "private");
  const sources = hidden.filter(({ path }) => compiledName(path) !== undefined);
  const others = hidden.filter(({ path }) => compiledName(path) === undefined);
  const assets = new Map([
    ...sources.map(({ path, file }): [string, string] => [compiledName(path) ?? path, file]),
    // Where the compiled file lies beside its source, it is the one that is deployed.
    ...others.map(entryOf),
  ]);
  return {
    assets: Object.fromEntries([...assets].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    sourceAssets: Object.fromEntries(sources.map(entryOf)),
  };
}

/** All that has a key in `Runtime`, and what might be looked for there. */
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
