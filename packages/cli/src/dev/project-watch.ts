/**
 * Which files of a project matter to its functions, and when one of them changes.
 */
import type { Stats } from "node:fs";
import { basename, extname, join, relative, sep } from "node:path";
import { performance } from "node:perf_hooks";

import { notices } from "@offhook/runtime/observe";
import type { Project } from "@offhook/runtime/project";
import { watch } from "chokidar";

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
export function watchProject(project: Project, onChange: (file: string) => void): () => void {
  const { folder } = project.service;
  const outside = project.envFile === undefined ? [] : [project.envFile];
  const installed = installedFile(folder);
  const watcher = watch([folder, installed, ...outside], {
    alwaysStat: true,
    ignored: (path) => path !== installed && !outside.includes(path) && !isLookedInto(path, folder),
    // A file that is replaced by renaming is gone for a moment only.
    atomic: 20,
  });
  /** Files of the project that the watcher has not met; undefined once it has looked around. */
  let missing: Set<string> | undefined = new Set(filesOf(project));
  watcher.on("all", (event, path, stats) => {
    if (event === "addDir") return;
    missing?.delete(path);
    // Looking around takes its time too: what came or changed since the project was read is news.
    if (missing !== undefined && event === "add" && !isNewer(stats)) return;
    if (event === "unlinkDir" ? isServed(path, project) : changeMatters(path, project)) onChange(path);
  });
  watcher.on("ready", () => {
    for (const file of missing ?? []) onChange(file);
    missing = undefined;
  });
  watcher.on("error", (error) => {
    const reason = error instanceof Error ? error.message : String(error);
    notices.publish({ level: "warn", message: `Changes may go unnoticed: ${reason}` });
  });
  return () => void watcher.close();
}

/** A link leads elsewhere: what it leads to is not met. */
function filesOf({ service }: Project): string[] {
  const { functions, assets, folder } = service;
  return [...functions, ...assets].map(({ file }) => file).filter((file) => isWithin(file, folder));
}

function isWithin(file: string, folder: string): boolean {
  return file.startsWith(folder + sep) && isLookedInto(file, folder);
}

/** Than this process, which has read the project since. */
function isNewer(stats: Stats | undefined): boolean {
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
function isServed(path: string, { service }: Project): boolean {
  const { folder, functions, assets } = service;
  const roots = [...functions, ...assets].map((resource) => rootOf(resource.file, resource.path));
  return [...usualFolders.map((name) => join(folder, name) + sep), ...new Set(roots)].some((root) =>
    path.startsWith(root),
  );
}

/** The folder of functions or assets that a resource lies in, with a separator at its end. */
function rootOf(file: string, path: string): string {
  const depth = path.split("/").length - 1;
  const parts = file.split(sep);
  return parts.slice(0, parts.length - depth).join(sep) + sep;
}
