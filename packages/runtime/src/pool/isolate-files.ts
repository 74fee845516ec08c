/** What an isolate reads: the project, the packages it can see, and Offhook itself. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The package that this file is part of. */
const ownFolder = fileURLToPath(new URL("../..", import.meta.url));

/** What the user of an isolate has to be able to read: it is opened when the isolate has become that user. */
export function neededFiles(folder: string, resources: readonly { readonly file: string }[]): string[] {
  const ownTwilio = dirname(createRequire(import.meta.url).resolve("twilio/package.json"));
  return [folder, ...resources.map(({ file }) => file), ownTwilio];
}

/** What a hardened isolate may read: everything in these folders, and nothing else. */
export function readableFolders(folder: string): string[] {
  const packages = [...packageFolders(folder), ...packageFolders(ownFolder)];
  return [...new Set([folder, ownFolder, ...packages])];
}

/** Where Node looks for a package, from that folder upwards. */
function packageFolders(folder: string): string[] {
  const found = join(folder, "node_modules");
  const above = dirname(folder);
  return [...(existsSync(found) ? [found] : []), ...(above === folder ? [] : packageFolders(above))];
}
