/**
 * Finds the functions and assets of a project folder, under the names that functions use for them (contract §7, §8).
 */
import fs from "node:fs";
import path from "node:path";

const functionsFolders = ["functions", "src/functions"];
const assetsFolders = ["assets", "src/assets", "static", "src/static"];

/** Maps names to files. `named` replaces the usual folders, and must exist. */
export type Resources = Readonly<Record<string, string>>;

/** All functions, whatever their visibility: `sms/reply.protected.js` is `sms/reply`. */
export function functionsIn(project: string, named?: string): Resources {
  const resources: Record<string, string> = {};
  for (const { place, file } of filesOf(project, functionsFolders, named)) {
    const stem = /^(.*[^/])\.(?:js|cjs|mjs)$/.exec(place)?.[1];
    if (stem !== undefined) resources[asName(stem.replace(/\.(?:private|protected)$/, ""))] = file;
  }
  return resources;
}

/** Only the private assets: `data/prices.private.json` is `/data/prices.json`. */
export function privateAssetsIn(project: string, named?: string): Resources {
  const resources: Record<string, string> = {};
  for (const { place, file } of filesOf(project, assetsFolders, named)) {
    const match = /^(.*)\.private(\.[^./]*)?$/.exec(place);
    if (match !== null) resources[asName(`/${match[1]}${match[2] ?? ""}`)] = file;
  }
  return resources;
}

/** Twilio's tool replaces white space by a hyphen. */
function asName(place: string): string {
  return place.replace(/\s/g, "-");
}

interface Found {
  /** Path relative to the functions' or assets' folder, with slashes. */
  readonly place: string;
  readonly file: string;
}

function filesOf(project: string, usual: readonly string[], named: string | undefined): Found[] {
  const candidates = (named === undefined ? usual : [named]).map((folder) => path.resolve(project, folder));
  const root = candidates.find((folder) => fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory());
  if (root !== undefined) return walk(root, "");
  if (named === undefined) return [];
  throw new Error(`Folder not found: ${candidates[0]}`);
}

function walk(root: string, below: string): Found[] {
  const entries = fs.readdirSync(path.join(root, below)).toSorted();
  return entries.flatMap((name): Found[] => {
    if (name === "node_modules") return [];
    const place = below === "" ? name : `${below}/${name}`;
    const file = path.join(root, place);
    // An editor may leave links without a target.
    const stats = fs.statSync(file, { throwIfNoEntry: false });
    if (stats === undefined) return [];
    return stats.isDirectory() ? walk(root, place) : [{ place, file }];
  });
}
