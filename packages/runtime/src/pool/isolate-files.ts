/** What an isolate reads: the project, the packages it can see, and Offhook itself. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The package that this file is part of. */
const ownFolder = fileURLToPath(new URL("../..", import.meta.url));

/** As far as it says what is read. */
interface ServiceFiles {
  readonly folder: string;
  readonly functions: readonly { readonly file: string; readonly real?: string | undefined }[];
  readonly assets: readonly { readonly file: string }[];
  readonly outsideFiles?: readonly string[] | undefined;
}

/** What the user of an isolate has to be able to read: it is opened when the isolate has become that user. */
export function neededFiles({ folder, functions, assets, outsideFiles = [] }: ServiceFiles): string[] {
  const ownTwilio = dirname(createRequire(import.meta.url).resolve("twilio/package.json"));
  const resources = [...functions, ...assets].map(({ file }) => file);
  return [folder, ...resources, ...outsideFiles, ownTwilio];
}

/**
 * What a hardened isolate may read: everything in the project's folder and in the packages that it sees, and of what is
 * elsewhere only the files that links in the project lead to, and those that its code is known to import.
 */
export function readableFiles({ folder, functions, assets, outsideFiles = [] }: ServiceFiles): string[] {
  const packages = [...packageFolders(folder), ...packageFolders(ownFolder)];
  const linked = [...functions.map(({ file, real = file }) => real), ...assets.map(({ file }) => file)];
  const outside = [...linked, ...outsideFiles].filter((file) => !file.startsWith(folder + sep));
  return [...new Set([folder, ownFolder, ...packages, ...outside])];
}

/** Where Node looks for a package, from that folder upwards. */
function packageFolders(folder: string): string[] {
  const found = join(folder, "node_modules");
  const above = dirname(folder);
  return [...(existsSync(found) ? [found] : []), ...(above === folder ? [] : packageFolders(above))];
}
