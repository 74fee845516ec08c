/**
 * Which files of a project matter to its functions, and when one of them changes.
 */
import { existsSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, extname, isAbsolute, join, relative, sep } from "node:path";
import { performance } from "node:perf_hooks";

import { notices } from "@offhook/runtime/observe";
import type { Project } from "@offhook/runtime/project";
import type { Service } from "@offhook/runtime/service";
import { watch } from "chokidar";

import type { FollowedFiles } from "../serving.ts";

/** What functions are made of, wherever in the project it lies. */
const sources = new Set([".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".json", ".node", ".wasm"]);
/** Settings whose names tell nothing by their extension. */
const settingFiles = new Set([".env", ".twilioserverlessrc"]);
/** Where functions and assets usually are; a folder that is not there yet may come. */
const usualFolders = ["functions", "assets", "static", "src/functions", "src/assets", "src/static"];
/** What editors write beside a file while it is open, and what they try out a folder with. */
const editorsOwn = /^\.#|^#.*#$|~$|^\..*\.sw[a-z]$|^4913$|\.(?:tmp|bak|orig|crswap)$/;

/**
 * Tells of each file that is added, changed or removed: in the folders of functions and assets all of them, elsewhere
 * sources and settings. Of installed packages the one file that npm writes last.
 * @returns what ends it.
 */
export function watchProject(
  project: Project,
  onChange: (file: string) => void,
  loadedFiles?: FollowedFiles,
): () => void {
  const { folder } = project.service;
  const installed = installedFile(folder);
  const envFiles = project.envFile === undefined ? [] : [project.envFile];
  /** Files outside of the project, and the folders that they are in: a file that is replaced comes back there. */
  const outside = { files: new Set(envFiles), folders: new Set<string>() };
  const isWatched = (path: string): boolean => {
    if (path === installed || outside.files.has(path) || outside.folders.has(path)) return true;
    return (path === folder || path.startsWith(folder + sep)) && isLookedInto(path, folder);
  };
  const watcher = watch([folder, installed, ...envFiles], {
    ignoreInitial: true,
    ignored: (path) => !isWatched(path),
    // A file that is replaced by renaming is gone for a moment only.
    atomic: 20,
  });
  watcher.on("all", (event, path) => {
    if (event === "addDir") return;
    if (outside.files.has(path)) onChange(path);
    else if (event === "unlinkDir" ? isServed(path, project) : changeMatters(path, project)) onChange(path);
  });
  loadedFiles?.follow((file) => {
    if (!isAbsolute(file) || file.startsWith(folder + sep) || !existsSync(file)) return;
    const parent = dirname(file);
    outside.files.add(file);
    // A folder that has the project in it would bring all of the project again.
    if (!folder.startsWith(parent + sep)) outside.folders.add(parent);
    watcher.add(outside.folders.has(parent) ? [parent, file] : file);
  });
  watcher.on("ready", () => {
    // Looking around takes its time, and nobody tells what came or changed meanwhile.
    void changedSince(project).then((files) => files.forEach(onChange));
  });
  watcher.on("error", (error) => {
    const reason = error instanceof Error ? error.message : String(error);
    notices.publish({ level: "warn", message: `Changes may go unnoticed: ${reason}` });
  });
  return () => void watcher.close();
}

/** What is known to matter outside of the project's folder before functions load it. */
export function outsideFilesOf({ folder, functions, assets, outsideFiles = [], language }: Service): string[] {
  const linked = [...functions.flatMap(({ real }) => real ?? []), ...assets.map(({ file }) => file)];
  const configs = (language?.outside ?? []).map((config) => join(config.folder, "tsconfig.json"));
  return [...linked, ...outsideFiles, ...configs].filter((file) => !file.startsWith(folder + sep));
}

/** Of functions, assets and what lies beside their folders: what came, went or changed since the project was read. */
async function changedSince(project: Project): Promise<string[]> {
  const { folder, functions, assets } = project.service;
  const resourceFiles = [...functions, ...assets].map(({ file }) => file);
  const changed = new Set(resourceFiles.filter((file) => !existsSync(file)));
  for (const root of [folder, ...rootsOf(project)]) {
    const entries = await readdir(root, { recursive: root !== folder, withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const file = join(entry.parentPath, entry.name);
      if (entry.isFile() && changeMatters(file, project) && isNewer(file)) changed.add(file);
    }
  }
  return [...changed];
}

/** Than this process, which has read the project since. */
function isNewer(file: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats !== undefined && Math.max(stats.mtimeMs, stats.ctimeMs) > performance.timeOrigin;
}

/** Whether the change of this file may change what functions do, or what is served. */
export function changeMatters(file: string, project: Project): boolean {
  const name = basename(file);
  if (file === installedFile(project.service.folder) || file === project.envFile) return true;
  if (editorsOwn.test(name) || !isLookedInto(file, project.service.folder)) return false;
  return settingFiles.has(name) || sources.has(extname(name)) || isServed(file, project);
}

function installedFile(folder: string): string {
  return join(folder, "node_modules", ".package-lock.json");
}

/** What tools make is no part of the program. */
function isLookedInto(path: string, folder: string): boolean {
  const parts = relative(folder, path).split(sep);
  return parts[0] !== "coverage" && !parts.some((part) => ["node_modules", ".git", ".offhook"].includes(part));
}

/** In a folder of functions or assets, as far as is known. */
function isServed(path: string, project: Project): boolean {
  return rootsOf(project).some((root) => path.startsWith(root));
}

/** With a separator at their ends. */
function rootsOf({ service }: Project): string[] {
  const { folder, functions, assets } = service;
  const roots = [...functions, ...assets].flatMap((resource) => rootOf(resource.file, resource.path) ?? []);
  return [...new Set([...usualFolders.map((name) => join(folder, name) + sep), ...roots])];
}

/**
 * The folder of functions or assets that a resource lies in, with a separator at its end. Undefined for what a link leads
 * to: it lies elsewhere.
 */
function rootOf(file: string, path: string): string | undefined {
  const folders = path.split("/").slice(1, -1);
  const parts = dirname(file).split(sep);
  const found = parts.splice(parts.length - folders.length);
  // White space in names has become hyphens.
  return found.every((name, index) => name.replace(/\s/g, "-") === folders[index]) ? parts.join(sep) + sep : undefined;
}
