/**
 * `package.json` as it is published, without the export condition for sources, which only the checkout has.
 * npm runs this in the folder of the package: `remove-sources` before it packs, `restore` afterwards.
 */
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

const manifest = "package.json";
/** A copy of the original. If an interrupted run left a copy, that one is the original. */
const original = "package.json.original";
const sourceCondition = "offhook-source";

type Exports = Record<string, Record<string, string>>;

function restore(): void {
  if (existsSync(original)) renameSync(original, manifest);
}

function removeSources(): void {
  restore();
  copyFileSync(manifest, original);
  const content = JSON.parse(readFileSync(manifest, "utf8")) as { exports?: Exports };
  for (const entry of Object.values(content.exports ?? {})) delete entry[sourceCondition];
  writeFileSync(manifest, `${JSON.stringify(content, null, 2)}\n`);
}

switch (process.argv[2]) {
  case "remove-sources":
    removeSources();
    break;
  case "restore":
    restore();
    break;
  default:
    throw new Error(`Unknown argument: "${process.argv[2] ?? ""}". Expected remove-sources or restore.`);
}
