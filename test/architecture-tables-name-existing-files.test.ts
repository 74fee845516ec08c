/** The tables of `ARCHITECTURE.md` name files and folders that exist. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { pages } from "./markdown.ts";
import { repository } from "./offhook-process.ts";

const runtime = join(repository, "packages/runtime/src");

/** A name without a folder is in the folder of the one before it, in the same cell or package. */
function missingIn(cell: string): string[] {
  const missing: string[] = [];
  let folders = [repository, runtime];
  for (const [, name = ""] of cell.matchAll(/`([^`]+)`/g)) {
    if (!/\/|\.[jt]sx?$/.test(name)) continue;
    const folder = folders.find((each) => existsSync(join(each, name)));
    if (folder === undefined) {
      missing.push(name);
      continue;
    }
    const namedFolder = name.endsWith("/") ? join(folder, name) : dirname(join(folder, name));
    const [, packageFolder = runtime] = /^(.*\/packages\/\w+)\//.exec(namedFolder) ?? [];
    folders = [namedFolder, join(packageFolder, "src"), packageFolder, runtime, repository];
  }
  return missing;
}

test("the tables of ARCHITECTURE.md name files and folders that exist", () => {
  const [page] = pages("ARCHITECTURE.md");
  const rows = (page?.text ?? "").split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| `"));
  const cells = rows.map((row) => row.split("|")[2] ?? "");
  assert.ok(cells.length > 40, `${cells.length} rows`);
  assert.deepEqual(cells.flatMap(missingIn), []);
});
