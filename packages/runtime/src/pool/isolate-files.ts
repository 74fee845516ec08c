/** The files that an isolate reads: the project, the packages that it can import, and Offhook itself. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The package that this file is part of. */
const ownFolder = fileURLToPath(new URL("../..", import.meta.url));

/** The parts of a service that say which files are read. */
interface ServiceFiles {
  readonly folder: string;
  readonly functions: readonly { readonly file: string; readonly real?: string | undefined }[];
  readonly assets: readonly { readonly file: string }[];
  readonly outsideFiles?: readonly string[] | undefined;
}

/** Files that the isolate's user must be able to read, because the isolate opens them after it has changed its user. */
export function neededFiles({ folder, functions, assets, outsideFiles = [] }: ServiceFiles): string[] {
  const ownTwilio = dirname(createRequire(import.meta.url).resolve("twilio/package.json"));
  const resources = [...functions, ...assets].map(({ file }) => file);
  return [folder, ...resources, ...outsideFiles, ownTwilio];
}

/**
 * Folders and files that a hardened isolate may read: the project's folder, and the packages that it can import.
 * Outside of these, it may read only the targets of links in the project, and files that the project's code is known to
 * import.
 */
export function readableFiles({ folder, functions, assets, outsideFiles = [] }: ServiceFiles): string[] {
  const packages = [...packageFolders(folder), ...packageFolders(ownFolder)];
  const linked = [...functions.map(({ file, real = file }) => real), ...assets.map(({ file }) => file)];
  const outside = [...linked, ...outsideFiles].filter((file) => !file.startsWith(folder + sep));
  return [...new Set([folder, ownFolder, ...packages, ...outside])];
}

/** The folders where Node looks for a package, from this folder upwards. */
function packageFolders(folder: string): string[] {
  const found = join(folder, "node_modules");
  const above = dirname(folder);
  return [...(existsSync(found) ? [found] : []), ...(above === folder ? [] : packageFolders(above))];
}
