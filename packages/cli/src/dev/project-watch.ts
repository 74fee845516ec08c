/**
 * Which files of a project matter to its functions, and when one of them changes.
 */
import { basename, extname, join, relative, sep } from "node:path";

import { notices } from "@offhook/runtime/observe";
import type { Project } from "@offhook/runtime/project";
import { watch } from "chokidar";

/** What functions are made of, wherever in the project it lies. */
const sources = new Set([".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".json", ".node", ".wasm"]);
/** Made by tools, not by the author. A dot folder holds what is no part of the program. */
const notLookedInto = new Set(["node_modules", "coverage"]);

/**
 * Tells of each file that is added, changed or removed: in the folders of functions and assets all of them, elsewhere
 * sources and settings. Of installed packages the one file that npm writes last.
 * @returns what ends it.
 */
export function watchProject(project: Project, onChange: (file: string) => void): () => void {
  const { folder, functions, assets } = project.service;
  const served = new Set([...functions, ...assets].map(({ path, file }) => rootOf(file, path)));
  const installed = join(folder, "node_modules", ".package-lock.json");
  const isLookedInto = (path: string): boolean => {
    const parts = relative(folder, path).split(sep);
    return !parts.some((part) => notLookedInto.has(part) || part.startsWith(".git"));
  };
  const matters = (file: string): boolean => {
    if (file === installed || file === project.envFile) return true;
    const name = basename(file);
    if (name === ".env" || name === ".twilioserverlessrc") return true;
    return sources.has(extname(name)) || [...served].some((root) => file.startsWith(root));
  };
  const watcher = watch([folder, installed, ...(project.envFile === undefined ? [] : [project.envFile])], {
    ignoreInitial: true,
    ignored: (path) => path !== folder && path !== installed && path !== project.envFile && !isLookedInto(path),
    // A file that is replaced by renaming is gone for a moment only.
    atomic: 20,
  });
  watcher.on("all", (event, file) => {
    if (event === "add" || event === "change" || event === "unlink") {
      if (matters(file)) onChange(file);
    } else if (event === "unlinkDir" && [...served].some((root) => file.startsWith(root))) onChange(file);
  });
  watcher.on("error", (error) => {
    const reason = error instanceof Error ? error.message : String(error);
    notices.publish({ level: "warn", message: `Changes may go unnoticed: ${reason}` });
  });
  return () => void watcher.close();
}

/** The folder of functions or assets that a resource lies in, with a separator at its end. */
function rootOf(file: string, path: string): string {
  const depth = path.split("/").length - 1;
  const parts = file.split(sep);
  return parts.slice(0, parts.length - depth).join(sep) + sep;
}
