/**
 * The functions and assets of a project folder (contract §1.4, §8, §9).
 */
import { realpath, stat } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";

import { compiledName } from "../language/language.ts";
import { OffhookError } from "../offhook-error.ts";
import type { AssetResource, FunctionResource } from "../service.ts";
import { nameAsset, nameFunction, remarksOn } from "./resource-name.ts";
import { walk } from "./walk.ts";
import type { Walked } from "./walk.ts";
import { findWorkspace } from "./workspace.ts";

export interface DiscoverOptions {
  /** Relative to the project's folder. If absent, the first usual folder that exists. */
  readonly functionsFolder?: string | undefined;
  readonly assetsFolder?: string | undefined;
  /** Bytes; `Infinity` for no limit. */
  readonly assetLimit: number;
  readonly privateAssetLimit: number;
  /** Two files may have one path. For tools that examine such a project. */
  readonly allowsDuplicates?: boolean | undefined;
  /**
   * Only files in the folder belong to it: links must not lead out, and no workspace or repository is searched above
   * it. For folders beside those of other people.
   */
  readonly isSelfContained?: boolean | undefined;
}

/** Something unusual about a file. `file` and `text` together make a sentence. */
export interface Remark {
  /** Relative to the project's folder. */
  readonly file: string;
  readonly text: string;
}

export interface Discovered {
  /** Functions and assets are sorted by path. */
  readonly functions: readonly FunctionResource[];
  readonly assets: readonly AssetResource[];
  /** Files in the functions' folder that are not functions, relative to the project's folder. */
  readonly otherFiles: readonly string[];
  readonly remarks: readonly Remark[];
  /** The remarks as sentences, which begin with the file. */
  readonly warnings: readonly string[];
}

const usualFunctionsFolders = ["functions", "src/functions"];
const usualAssetsFolders = ["assets", "src/assets", "static", "src/static"];

/**
 * @param folder the project's folder, absolute, links resolved.
 * @throws OffhookError `folder-missing` for a folder that a setting names, or that leads out of a self-contained
 * folder, `setting-invalid` when both are the same, `path-duplicate`, `asset-too-large`, `file-unreadable`.
 */
export async function discover(folder: string, options: DiscoverOptions): Promise<Discovered> {
  const [functionsRoot, assetsRoot] = await Promise.all([
    findRoot(folder, "functionsFolder", options, usualFunctionsFolders),
    findRoot(folder, "assetsFolder", options, usualAssetsFolders),
  ]);
  if (functionsRoot !== undefined && functionsRoot === assetsRoot) {
    const detail = `The settings functionsFolder and assetsFolder are both ${functionsRoot}.`;
    throw new OffhookError("setting-invalid", `${detail} The source of the functions would be public.`);
  }
  const workspace = options.isSelfContained === true ? undefined : await findWorkspace(folder);
  const linkFolders = workspace === undefined ? [folder] : [folder, workspace];
  const show = (root: string, name: string): string => relative(folder, resolve(root, name)).replaceAll(sep, "/");
  // If one folder contains the other, files of the inner one do not count for the outer one.
  const found = await Promise.all([
    functionsRoot === undefined ? nothing : discoverFunctions(functionsRoot, assetsRoot, linkFolders, show),
    assetsRoot === undefined ? nothing : discoverAssets(assetsRoot, functionsRoot, linkFolders, show),
  ]);
  const [{ resources: functions }, { resources: assets }] = found;
  if (options.allowsDuplicates !== true) refuseDuplicates(folder, [...functions, ...assets]);
  await refuseLargeAssets(folder, assets, options);
  const remarks = found.flatMap((each) => each.remarks);
  const otherFiles = found.flatMap((each) => each.otherFiles);
  return { functions, assets, otherFiles, remarks, warnings: remarks.map(({ file, text }) => `${file} ${text}.`) };
}

/**
 * Returns the folders of functions and assets: absolute, links not resolved. The folders may not exist yet.
 */
export async function findRoots(
  folder: string,
  options: Pick<DiscoverOptions, "functionsFolder" | "assetsFolder">,
): Promise<{ functions: string; assets: string }> {
  const find = async (named: string | undefined, usual: readonly string[]): Promise<string | undefined> => {
    for (const candidate of named === undefined ? usual : [named]) {
      const path = resolve(folder, candidate);
      const stats = await stat(path).catch(() => undefined);
      if (named !== undefined || stats?.isDirectory()) return path;
    }
    return undefined;
  };
  const functions = await find(options.functionsFolder, usualFunctionsFolders);
  const assets = await find(options.assetsFolder, usualAssetsFolders);
  // A folder that does not exist yet goes beside the other one.
  const isInSource = [functions, assets].some((each) => each?.startsWith(resolve(folder, "src") + sep));
  const usual = resolve(folder, isInSource ? "src" : ".");
  return { functions: functions ?? resolve(usual, "functions"), assets: assets ?? resolve(usual, "assets") };
}

interface FoundResources<T> {
  readonly resources: readonly T[];
  readonly otherFiles: readonly string[];
  readonly remarks: readonly Remark[];
}

const nothing: FoundResources<never> = { resources: [], otherFiles: [], remarks: [] };

/** Formats a file's name in a remark: from root and path below it to the path relative to the project's folder. */
type FormatName = (root: string, name: string) => string;

async function findRoot(
  folder: string,
  setting: "functionsFolder" | "assetsFolder",
  options: DiscoverOptions,
  usual: readonly string[],
): Promise<string | undefined> {
  const named = options[setting];
  for (const candidate of named === undefined ? usual : [named]) {
    const path = resolve(folder, candidate);
    const stats = await stat(path).catch(() => undefined);
    if (!stats?.isDirectory()) continue;
    const real = await realpath(path);
    // A project may use a link to any folder.
    if (options.isSelfContained !== true || `${real}${sep}`.startsWith(folder + sep)) return real;
    throw new OffhookError("folder-missing", `${path} leads out of ${folder}`);
  }
  if (named === undefined) return undefined;
  throw new OffhookError("folder-missing", `${resolve(folder, named)}, set by ${setting}`);
}

function filterFunction(name: string): boolean {
  return !name.startsWith(".") && name !== "node_modules";
}

async function discoverFunctions(
  root: string,
  except: string | undefined,
  linkFolders: readonly string[],
  show: FormatName,
): Promise<FoundResources<FunctionResource>> {
  const inside = except?.startsWith(root + sep) === true ? except : undefined;
  const walked = await walk(root, { filter: filterFunction, except: inside, linkFolders });
  const remarks = remarksOnSkipped(root, walked, show);
  const names = new Set(walked.files.map((each) => each.relative));
  const resources: FunctionResource[] = [];
  const otherFiles: string[] = [];
  for (const { relative: place, file, real } of walked.files) {
    const name = nameFunction(place);
    // A project that is compiled in place is served as it is deployed: hosted Functions have only the JavaScript.
    const compiled = compiledName(place);
    if (name !== undefined && compiled !== undefined && names.has(compiled)) {
      const text = `is not served, because your compiled file ${compiled} is beside it`;
      remarks.push({ file: show(root, place), text });
      continue;
    }
    if (name === undefined) {
      if (/\.[jt]sx$/.test(place)) {
        remarks.push({ file: show(root, place), text: "is not served, because functions cannot use JSX" });
      } else otherFiles.push(show(root, place));
      continue;
    }
    remarks.push(...remarksOn(place, name).map((text) => ({ file: show(root, place), text })));
    const { path, visibility } = name;
    const link = real === file ? undefined : { real };
    resources.push({ kind: "function", path, name: path.slice(1), file, ...link, visibility });
  }
  return { resources: resources.toSorted(byPath), otherFiles, remarks };
}

/** Files that tools create or read. Other dotfiles are served, because `.well-known/` must be. */
const toolFiles = new Set([
  ".DS_Store",
  ".git",
  ".gitattributes",
  ".gitignore",
  ".gitkeep",
  ".hg",
  ".keep",
  ".npmrc",
  ".svn",
]);

function filterAsset(name: string): true | false | string {
  if (toolFiles.has(name)) return false;
  // Nobody wants to publish these, but a wrong assetsFolder would.
  if (/^\.env(\.|$)/.test(name)) return "is not served, because .env files hold secrets";
  if (name === "node_modules") return "is not served. Copy the files that you need out of it";
  return true;
}

async function discoverAssets(
  root: string,
  except: string | undefined,
  linkFolders: readonly string[],
  show: FormatName,
): Promise<FoundResources<AssetResource>> {
  // A link must not publish the source of functions.
  const walked = await walk(root, { filter: filterAsset, except, linkFolders, closed: except });
  const remarks = remarksOnSkipped(root, walked, show);
  const resources: AssetResource[] = [];
  for (const { relative: place, real } of walked.files) {
    const name = nameAsset(place);
    remarks.push(...remarksOn(place, name).map((text) => ({ file: show(root, place), text })));
    resources.push({ kind: "asset", ...name, file: real });
  }
  return { resources: resources.toSorted(byPath), otherFiles: [], remarks };
}

function remarksOnSkipped(root: string, { skipped }: Walked, show: FormatName): Remark[] {
  return skipped.map(({ relative: place, reason }) => {
    const consequence = reason.includes("not served") ? "" : " and is not served";
    return { file: show(root, place), text: `${reason}${consequence}` };
  });
}

type Resource = FunctionResource | AssetResource;

/** Contract row 22. Messages name both files: two links to one file are still two names. */
function refuseDuplicates(folder: string, resources: readonly Resource[]): void {
  const owners = new Map<string, Resource>();
  for (const resource of resources) {
    const owner = owners.get(resource.path);
    if (owner !== undefined) {
      const [first, second] = [owner, resource].map((each) => relative(folder, each.file));
      throw new OffhookError("path-duplicate", `${resource.path} is the path of ${first} and ${second}`);
    }
    owners.set(resource.path, resource);
  }
}

/** Contract rows 148 and 149. */
async function refuseLargeAssets(
  folder: string,
  assets: readonly AssetResource[],
  { assetLimit, privateAssetLimit }: DiscoverOptions,
): Promise<void> {
  if (assetLimit === Infinity && privateAssetLimit === Infinity) return;
  const sizes = await Promise.all(
    assets.map(async ({ file }) => {
      try {
        return (await stat(file)).size;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        throw new OffhookError("file-unreadable", `${file} (${code})`, { cause: error });
      }
    }),
  );
  for (const [index, asset] of assets.entries()) {
    const isPrivate = asset.visibility === "private";
    const limit = isPrivate ? privateAssetLimit : assetLimit;
    const bytes = sizes[index] ?? 0;
    if (bytes <= limit) continue;
    const name = isPrivate ? "privateAssetLimit" : "assetLimit";
    const place = relative(folder, asset.file);
    throw new OffhookError("asset-too-large", `${place} has ${bytes} bytes. ${name} is ${limit}`);
  }
}

function byPath(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
