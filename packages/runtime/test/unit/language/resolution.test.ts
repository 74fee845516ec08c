import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { aliased, candidatesFor, findFile } from "../../../src/language/resolution.ts";
import { makeProject } from "../project/temp-project.ts";

test("a file is found by its compiled name, by its name without extension, or as the index of its folder", (t) => {
  const folder = makeProject(t, [
    "a.ts",
    "both.ts",
    "both.js",
    "m.mts",
    "c.cts",
    "data.json",
    "dir/index.ts",
    "v1.2.ts",
    "dir.js/index.js",
  ]);
  const find = (name: string, isFromTypeScript = true): string | undefined =>
    findFile(join(folder, name), isFromTypeScript)?.slice(folder.length + 1);
  assert.equal(find("a"), "a.ts");
  assert.equal(find("a.js"), "a.ts");
  assert.equal(find("m.mjs"), "m.mts");
  assert.equal(find("c.cjs"), "c.cts");
  assert.equal(find("both"), "both.ts");
  assert.equal(find("both", false), "both.js");
  assert.equal(find("both.js"), "both.js");
  assert.equal(find("data"), "data.json");
  assert.equal(find("dir"), "dir/index.ts");
  assert.equal(find("dir.js"), "dir.js/index.js");
  assert.equal(find("v1.2"), "v1.2.ts");
  assert.equal(find("a.mjs"), undefined);
  assert.equal(find("nowhere"), undefined);
});

test("the pattern with the longest prefix wins, and an exact pattern wins over all", () => {
  const aliases = [
    { pattern: "*", targets: ["/any/*"] },
    { pattern: "@/*", targets: ["/src/*", "/more/*"] },
    { pattern: "@/lib/*", targets: ["/lib/*"] },
    { pattern: "@/lib/exact", targets: ["/exact.ts"] },
    { pattern: "pre*post", targets: ["/$&/*"] },
  ];
  assert.deepEqual(aliased("@/x", aliases), ["/src/x", "/more/x"]);
  assert.deepEqual(aliased("@/lib/x/y", aliases), ["/lib/x/y"]);
  assert.deepEqual(aliased("@/lib/exact", aliases), ["/exact.ts"]);
  assert.deepEqual(aliased("pre$1post", aliases), ["/$&/$1"]);
  assert.deepEqual(aliased("prepost", aliases), ["/$&/"]);
  assert.deepEqual(aliased("prepos", aliases), ["/any/prepos"]);
  assert.deepEqual(aliased("@/x", []), []);
});

test("aliases do not apply to relative specifiers", () => {
  const aliases = [{ pattern: "*", targets: ["/any/*"] }];
  assert.deepEqual(candidatesFor("./x", "/a/b", { aliases }), ["/a/b/x"]);
  assert.deepEqual(candidatesFor("..", "/a/b", { aliases }), ["/a"]);
  assert.deepEqual(candidatesFor("/x", "/a/b", { aliases }), ["/x"]);
  assert.deepEqual(candidatesFor("x", "/a/b", { aliases, baseUrl: "/base" }), ["/any/x", "/base/x"]);
  assert.deepEqual(candidatesFor("x", "/a/b", { aliases: [] }), []);
});
