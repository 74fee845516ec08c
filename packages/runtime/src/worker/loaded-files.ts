/**
 * In development: which files outside of the project's folder functions load, so that a change of them is noticed.
 * Installed packages are left out.
 */
import { registerHooks } from "node:module";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import { send } from "./outlet.ts";

const ourFolder = fileURLToPath(new URL("..", import.meta.url));

/** Before all other hooks, so that each file is seen, however it is loaded. */
export function reportLoadedFiles(folder: string): void {
  const reported = new Set<string>();
  registerHooks({
    load(url, context, next) {
      if (url.startsWith("file:")) {
        const file = fileURLToPath(url);
        const isOutside = !file.startsWith(folder + sep) && !file.startsWith(ourFolder);
        if (isOutside && !file.includes(`${sep}node_modules${sep}`) && !reported.has(file)) {
          reported.add(file);
          send({ kind: "files-loaded", files: [file] });
        }
      }
      return next(url, context);
    },
  });
}
