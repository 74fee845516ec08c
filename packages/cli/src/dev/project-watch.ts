/**
 * Which files of a project matter to its functions, and when one of them changes.
 */
import { existsSync, statSync, type Stats } from "node:fs";
import { readdir } from "node:fs/promises";
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
  let isReady = false;
  const told = new Set<string>();
  watcher.on("all", (event, path, stats) => {
    if (event === "addDir") return;
    // Looking around takes its time too: what came or changed since the project was read is news.
    if (!isReady && event === "add" && !isNewer(stats)) return;
    if (event === "unlinkDir" ? !isServed(path, project) : !changeMatters(path, project)) return;
    if (!isReady) told.add(path);
    onChange(path);
  });
  watcher.on("ready", () => {
    isReady = true;
    // A folder is read before it is watched, and what happens in between is told by nobody.
    void changedSince(project).then((files) => {
      for (const file of files) if (!told.has(file)) onChange(file);
    });
  });
  watcher.on("error", (error) => {
    const reason = error instanceof Error ? error.message : String(error);
    notices.publish({ level: "warn", message: `Changes may go unnoticed: ${reason}` });
  });
  return () => void watcher.close();
}

/** Of functions and assets: those that came, went or changed since the project was read. */
async function changedSince(project: Project): Promise<string[]> {
  const { folder, functions, assets } = project.service;
  const known = new Set([...functions, ...assets].map(({ file }) => file));
  const changed = new Set<string>();
  for (const root of rootsOf(project)) {
    const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      if (isLookedInto(file, folder) && isNewer(statSync(file, { throwIfNoEntry: false }))) changed.add(file);
    }
  }
  for (const file of known) if (!existsSync(file)) changed.add(file);
  return [...changed].filter((file) => known.has(file) || changeMatters(file, project));
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
function isServed(path: string, project: Project): boolean {
  return rootsOf(project).some((root) => path.startsWith(root));
}

/** With a separator at their ends. */
function rootsOf({ service }: Project): string[] {
  const { folder, functions, assets } = service;
  const roots = [...functions, ...assets].map((resource) => rootOf(resource.file, resource.path));
  return [...new Set([...usualFolders.map((name) => join(folder, name) + sep), ...roots])];
}

/** The folder of functions or assets that a resource lies in, with a separator at its end. */
function rootOf(file: string, path: string): string {
  const depth = path.split("/").length - 1;
  const parts = file.split(sep);
  return parts.slice(0, parts.length - depth).join(sep) + sep;
}
