/**
 * The entries of `@offhook/runtime`, and which of them are internal.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { repository } from "./offhook-process.ts";

type Targets = Readonly<Record<string, string>>;

interface Manifest {
  readonly exports: Readonly<Record<string, Targets>>;
  readonly typesVersions: { readonly "*": Readonly<Record<string, readonly string[]>> };
}

const folder = join(repository, "packages/runtime");
const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
const entries = Object.entries(manifest.exports);

test("the README lists every entry that is not internal, and no other", () => {
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  const listed = [...readme.matchAll(/^\| `@offhook\/runtime(\/[^`]+)?`/gm)].map(([, path = ""]) => `.${path}`);
  const open = entries.map(([entry]) => entry).filter((entry) => !entry.startsWith("./internal/"));
  assert.deepEqual(listed.toSorted(), open.toSorted());
  assert.ok(open.length > 5 && open.length < entries.length);
});

test("compilers that do not read exports find the types of the same entries", () => {
  const types = Object.fromEntries(
    entries.flatMap(([entry, targets]) => (entry === "." ? [] : [[entry.slice(2), [targets["types"]]]])),
  );
  assert.deepEqual(manifest.typesVersions["*"], types);
});

test("an entry has a source, and a place for its built file", () => {
  for (const [entry, { "offhook-source": source, default: built }] of entries) {
    if (source === undefined || entry === ".") continue;
    assert.ok(existsSync(join(folder, source)), source);
    assert.equal(built, source.replace("./src/", "./dist/").replace(/\.ts$/, ".js"), entry);
  }
});
