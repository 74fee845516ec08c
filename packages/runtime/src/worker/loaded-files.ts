/**
 * In development, reports the files outside the project's folder that functions load, so that the server notices
 * changes to them. Installed packages are left out.
 */
import { registerHooks } from "node:module";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import { send } from "./outlet.ts";

const ourFolder = fileURLToPath(new URL("..", import.meta.url));

/** Called after all other hooks are registered. The last hook runs first, so this one sees each file that is loaded. */
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
