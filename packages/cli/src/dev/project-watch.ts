/**
 * Watches the files of a project that matter to its functions.
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

/** Extensions of source files. They matter everywhere in the project. */
const sources = new Set([".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".json", ".node", ".wasm"]);
/** Settings files without a telling extension. */
const settingFiles = new Set([".env", ".twilioserverlessrc"]);
/** The usual folders of functions and assets. A missing folder may be created later. */
const usualFolders = ["functions", "assets", "static", "src/functions", "src/assets", "src/static"];
/** Files that editors write beside an open file, or to test whether a folder is writable. */
const editorsOwn = /^\.#|^#.*#$|~$|^\..*\.sw[a-z]$|^4913$|\.(?:tmp|bak|orig|crswap)$/;

/**
 * Reports each file that is added, changed or removed: every file in the folders of functions and assets, and elsewhere
 * sources and settings. Of the installed packages, it watches only the file that npm writes last.
 * @returns a function that ends the watch.
 */
export function watchProject(
  project: Project,
  onChange: (file: string) => void,
  loadedFiles?: FollowedFiles,
): () => void {
  const { folder } = project.service;
  const installed = installedFile(folder);
  const envFiles = project.envFile === undefined ? [] : [project.envFile];
  /** Files outside the project, and their folders: a replaced file reappears in its folder. */
  const outside = { files: new Set(envFiles), folders: new Set<string>() };
  const isWatched = (path: string): boolean => {
    if (path === installed || outside.files.has(path) || outside.folders.has(path)) return true;
    return (path === folder || path.startsWith(folder + sep)) && isLookedInto(path, folder);
  };
  const watcher = watch([folder, installed, ...envFiles], {
    ignoreInitial: true,
    ignored: (path) => !isWatched(path),
    // A file that is replaced by renaming is missing only for a moment.
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
    // A folder that contains the project would watch the whole project a second time.
    if (!folder.startsWith(parent + sep)) outside.folders.add(parent);
    watcher.add(outside.folders.has(parent) ? [parent, file] : file);
  });
  watcher.on("ready", () => {
    // The first scan takes some time, and changes during it are not reported.
    void changedSince(project).then((files) => files.forEach(onChange));
  });
  watcher.on("error", (error) => {
    const reason = error instanceof Error ? error.message : String(error);
    notices.publish({ level: "warn", message: `Offhook may miss some changes: ${reason}` });
  });
  return () => void watcher.close();
}

/** Files outside the project's folder that are known to matter before functions load them. */
export function outsideFilesOf({ folder, functions, assets, outsideFiles = [], language }: Service): string[] {
  const linked = [...functions.flatMap(({ real }) => real ?? []), ...assets.map(({ file }) => file)];
  const configs = (language?.outside ?? []).map((config) => join(config.folder, "tsconfig.json"));
  return [...linked, ...outsideFiles, ...configs].filter((file) => !file.startsWith(folder + sep));
}

/** Files of the folders of functions and assets, and beside them, that changed since the project was read. */
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

/** Newer than this process, which has read the project since. */
function isNewer(file: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats !== undefined && Math.max(stats.mtimeMs, stats.ctimeMs) > performance.timeOrigin;
}

/** Whether a change of this file can change the behaviour of functions, or the served files. */
export function changeMatters(file: string, project: Project): boolean {
  const name = basename(file);
  if (file === installedFile(project.service.folder) || file === project.envFile) return true;
  if (editorsOwn.test(name) || !isLookedInto(file, project.service.folder)) return false;
  return settingFiles.has(name) || sources.has(extname(name)) || isServed(file, project);
}

function installedFile(folder: string): string {
  return join(folder, "node_modules", ".package-lock.json");
}

/** Skips the folders that tools write. */
function isLookedInto(path: string, folder: string): boolean {
  const parts = relative(folder, path).split(sep);
  return parts[0] !== "coverage" && !parts.some((part) => ["node_modules", ".git", ".offhook"].includes(part));
}

/** Whether the path is in a known folder of functions or assets. */
function isServed(path: string, project: Project): boolean {
  return rootsOf(project).some((root) => path.startsWith(root));
}

/** With a separator at the end of each. */
function rootsOf({ service }: Project): string[] {
  const { folder, functions, assets } = service;
  const roots = [...functions, ...assets].flatMap((resource) => rootOf(resource.file, resource.path) ?? []);
  return [...new Set([...usualFolders.map((name) => join(folder, name) + sep), ...roots])];
}

/**
 * The folder of functions or assets that contains a resource, with a separator at its end. Undefined for a resource
 * behind a link, which is elsewhere.
 */
function rootOf(file: string, path: string): string | undefined {
  const folders = path.split("/").slice(1, -1);
  const parts = dirname(file).split(sep);
  const found = parts.splice(parts.length - folders.length);
  // White space in names was replaced by hyphens.
  return found.every((name, index) => name.replace(/\s/g, "-") === folders[index]) ? parts.join(sep) + sep : undefined;
}
