import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";

import { discover } from "../../../src/project/discover.ts";
import type { Discovered, DiscoverOptions } from "../../../src/project/discover.ts";
import { makeProject } from "./temp-project.ts";

const noLimits: DiscoverOptions = { assetLimit: Infinity, privateAssetLimit: Infinity };

function paths({ functions, assets }: Discovered): { functions: string[]; assets: string[] } {
  return { functions: functions.map((each) => each.path), assets: assets.map((each) => each.path) };
}

async function discoverFiles(t: TestContext, files: readonly string[]): Promise<Discovered> {
  return await discover(makeProject(t, files), noLimits);
}

test("functions and assets are found at any depth, sorted by path", async (t) => {
  const found = await discoverFiles(t, [
    "functions/sms/reply.protected.js",
    "functions/hello.js",
    "functions/a/b/c/d.cjs",
    "functions/lib.private.js",
    "functions/Zed.mjs",
    "assets/b.private.txt",
    "assets/a.css",
    "assets/img/x.png",
  ]);
  assert.deepEqual(
    found.functions.map(({ path, name, visibility }) => [path, name, visibility]),
    [
      ["/Zed", "Zed", "public"],
      ["/a/b/c/d", "a/b/c/d", "public"],
      ["/hello", "hello", "public"],
      ["/lib", "lib", "private"],
      ["/sms/reply", "sms/reply", "protected"],
    ],
  );
  assert.deepEqual(
    found.assets.map(({ path, visibility }) => [path, visibility]),
    [
      ["/a.css", "public"],
      ["/b.txt", "private"],
      ["/img/x.png", "public"],
    ],
  );
  assert.deepEqual(found.warnings, []);
});

test("a resource has the absolute path of its file", async (t) => {
  const folder = makeProject(t, ["functions/a/b.protected.js", "assets/c.private.txt"]);
  const found = await discover(folder, noLimits);
  assert.equal(found.functions[0]?.file, join(folder, "functions/a/b.protected.js"));
  assert.equal(found.assets[0]?.file, join(folder, "assets/c.private.txt"));
});

const folderMatrix: readonly (readonly [string[], { functions: string[]; assets: string[] }])[] = [
  [["src/functions/a.js", "src/assets/b.txt"], { functions: ["/a"], assets: ["/b.txt"] }],
  [["functions/a.js", "src/functions/b.js"], { functions: ["/a"], assets: [] }],
  [["static/a.txt"], { functions: [], assets: ["/a.txt"] }],
  [["src/static/a.txt"], { functions: [], assets: ["/a.txt"] }],
  [["assets/a.txt", "static/b.txt"], { functions: [], assets: ["/a.txt"] }],
  [["src/assets/a.txt", "static/b.txt"], { functions: [], assets: ["/a.txt"] }],
  [["static/a.txt", "src/static/b.txt"], { functions: [], assets: ["/a.txt"] }],
  [["functions"], { functions: [], assets: [] }],
];

for (const [files, expected] of folderMatrix) {
  test(`of ${files.join(" and ")} the usual folders are used in their order`, async (t) => {
    assert.deepEqual(paths(await discoverFiles(t, files)), expected);
  });
}

test("folders that a setting names replace the usual ones and must exist", async (t) => {
  const folder = makeProject(t, ["functions/a.js", "fns/b.js", "public/c.txt"]);
  const options = { ...noLimits, functionsFolder: "fns", assetsFolder: "./public" };
  assert.deepEqual(paths(await discover(folder, options)), { functions: ["/b"], assets: ["/c.txt"] });
  await assert.rejects(discover(folder, { ...noLimits, functionsFolder: "nowhere" }), {
    code: "folder-missing",
    message: /nowhere, set by functionsFolder/,
  });
});

test("files that are not functions are skipped, with a warning if they look like one", async (t) => {
  const found = await discoverFiles(t, [
    "functions/a.js",
    "functions/a.js.map",
    "functions/a.d.ts",
    "functions/data.json",
    "functions/README.md",
    "functions/.hidden.js",
    "functions/.git/hook.js",
    "functions/node_modules/x/index.js",
    "functions/built.ts",
    "functions/built.js",
    "functions/new.ts",
    "functions/page.tsx",
  ]);
  assert.deepEqual(paths(found).functions, ["/a", "/built", "/new"]);
  assert.deepEqual(found.warnings, [
    "functions/built.ts is not served, because your compiled file built.js is beside it.",
    "functions/page.tsx is not served, because functions cannot use JSX.",
  ]);
  assert.match(found.functions[1]?.file ?? "", /built\.js$/);
});

test("hidden assets for the web are served, and those of tools and secrets are not", async (t) => {
  const found = await discoverFiles(t, [
    "assets/.well-known/apple-app-site-association",
    "assets/.DS_Store",
    "assets/.gitkeep",
    "assets/.git/config",
    "assets/.env",
    "assets/sub/.env.production",
    "assets/.environment",
    "assets/node_modules/x.js",
  ]);
  assert.deepEqual(paths(found).assets, ["/.environment", "/.well-known/apple-app-site-association"]);
  assert.deepEqual(
    found.warnings.map((warning) => warning.split(" ")[0]),
    ["assets/.env", "assets/node_modules", "assets/sub/.env.production"],
  );
});

const duplicates: readonly (readonly [string, string, string])[] = [
  ["functions/a.txt.js", "assets/a.txt", "/a.txt"],
  ["functions/a.js", "functions/a.private.js", "/a"],
  ["functions/a.js", "functions/a.mjs", "/a"],
  ["assets/b.protected.txt", "assets/b.txt", "/b.txt"],
  ["functions/a b.js", "functions/a-b.js", "/a-b"],
];

for (const [first, second, path] of duplicates) {
  test(`${first} and ${second} claim one path, which is refused`, async (t) => {
    await assert.rejects(discoverFiles(t, [first, second]), (error: { code?: string; message: string }) => {
      assert.equal(error.code, "path-duplicate");
      for (const part of [path, first, second]) assert.ok(error.message.includes(part), error.message);
      return true;
    });
  });
}

test("an asset over its limit is refused, by visibility", async (t) => {
  const folder = makeProject(t, { "assets/a.txt": "12345", "assets/b.private.txt": "1234" });
  await discover(folder, { assetLimit: 5, privateAssetLimit: 4 });
  await assert.rejects(discover(folder, { assetLimit: 4, privateAssetLimit: 4 }), {
    code: "asset-too-large",
    message: /a\.txt has 5 bytes\. assetLimit is 4/,
  });
  await assert.rejects(discover(folder, { assetLimit: 5, privateAssetLimit: 3 }), {
    code: "asset-too-large",
    message: /b\.private\.txt has 4 bytes\. privateAssetLimit is 3/,
  });
});

test("a link within its folder is followed, and its asset's file is the real one", async (t) => {
  const folder = makeProject(t, ["functions/a.js", "functions/sub/b.js", "assets/x.txt"]);
  symlinkSync("a.js", join(folder, "functions/linked.protected.js"));
  symlinkSync("sub", join(folder, "functions/other"));
  symlinkSync("x.txt", join(folder, "assets/y.txt"));
  const found = await discover(folder, noLimits);
  assert.deepEqual(paths(found).functions, ["/a", "/linked", "/other/b", "/sub/b"]);
  assert.equal(found.assets.find((each) => each.path === "/y.txt")?.file, join(folder, "assets/x.txt"));
  assert.deepEqual(found.warnings, []);
});

test("a link out of the project is skipped with a warning", async (t) => {
  const folder = makeProject(t, ["functions/a.js", "assets/b.txt"]);
  const outside = mkdtempSync(join(tmpdir(), "offhook-outside-"));
  t.after(() => rmSync(outside, { recursive: true }));
  writeFileSync(join(outside, "evil.js"), "");
  symlinkSync(join(outside, "evil.js"), join(folder, "functions/evil.js"));
  symlinkSync(outside, join(folder, "functions/folder"));
  symlinkSync(outside, join(folder, "assets/old"));
  symlinkSync("/etc/hostname", join(folder, "assets/secret.txt"));
  symlinkSync("nowhere", join(folder, "assets/broken"));
  const found = await discover(folder, noLimits);
  assert.deepEqual(paths(found), { functions: ["/a"], assets: ["/b.txt"] });
  assert.deepEqual(found.warnings, [
    "functions/evil.js is a symbolic link that leads out of its folder and is not served.",
    "functions/folder is a symbolic link that leads out of its folder and is not served.",
    "assets/broken is a symbolic link whose target does not exist and is not served.",
    "assets/old is a symbolic link that leads out of its folder and is not served.",
    "assets/secret.txt is a symbolic link that leads out of its folder and is not served.",
  ]);
});

test("a link to another folder of the project is followed", async (t) => {
  const folder = makeProject(t, ["functions/a.js", "shared/deep/words.private.js", "shared/.hidden.js", "files/x.txt"]);
  symlinkSync("../shared", join(folder, "functions/common"));
  symlinkSync("../shared/deep/words.private.js", join(folder, "functions/one.js"));
  symlinkSync("files", join(folder, "assets"));
  symlinkSync("../files/x.txt", join(folder, "files/y.txt"));
  const found = await discover(folder, noLimits);
  assert.deepEqual(paths(found), { functions: ["/a", "/common/deep/words", "/one"], assets: ["/x.txt", "/y.txt"] });
  const [, linked] = found.functions;
  assert.equal(linked?.visibility, "private");
  assert.equal(linked?.file, join(folder, "functions/common/deep/words.private.js"));
  assert.equal(linked?.real, join(folder, "shared/deep/words.private.js"));
  assert.deepEqual(found.warnings, []);
});

for (const marker of [
  ["package.json", '{ "workspaces": ["*"] }'],
  ["pnpm-workspace.yaml", ""],
  [".git/HEAD", ""],
] as const) {
  test(`a link to another folder of a workspace with ${marker[0]} is followed`, async (t) => {
    const [name, text] = marker;
    const root = makeProject(t, {
      [name]: text,
      "service/functions/a.js": "",
      "shared/words.js": "",
      "shared/x.txt": "",
    });
    symlinkSync("../../shared", join(root, "service/functions/common"));
    mkdirSync(join(root, "service/assets"));
    symlinkSync("../../shared/x.txt", join(root, "service/assets/y.txt"));
    const found = await discover(join(root, "service"), noLimits);
    assert.deepEqual(paths(found), { functions: ["/a", "/common/words"], assets: ["/y.txt"] });
    assert.deepEqual(found.warnings, []);
  });
}

test("a link publishes neither excluded files nor the functions", async (t) => {
  const folder = makeProject(t, [
    "functions/a.js",
    "assets/b.txt",
    ".env",
    "config/.env.local",
    "config/c.txt",
    ".offhook/journal/1.jsonl",
    "node_modules/kit/index.js",
  ]);
  const link = (name: string, target: string): void => symlinkSync(target, join(folder, "assets", name));
  link("all", "..");
  link("config", "../config");
  link("env.txt", "../.env");
  link("journal", "../.offhook");
  link("kit", "../node_modules/kit");
  link("source", "../functions");
  link("source.txt", "../functions/a.js");
  symlinkSync("../node_modules/kit", join(folder, "functions/kit"));
  const found = await discover(folder, noLimits);
  assert.deepEqual(paths(found), { functions: ["/a"], assets: ["/b.txt", "/config/c.txt"] });
  assert.deepEqual(found.warnings, [
    "functions/kit is a symbolic link into node_modules and is not served.",
    "assets/all is a symbolic link to a folder that contains it and is not served.",
    "assets/config/.env.local is not served, because .env files hold secrets.",
    "assets/env.txt is a symbolic link to a hidden file or folder and is not served.",
    "assets/journal is a symbolic link to a hidden file or folder and is not served.",
    "assets/kit is a symbolic link into node_modules and is not served.",
    "assets/source is a symbolic link into the folder of the functions and is not served.",
    "assets/source.txt is a symbolic link into the folder of the functions and is not served.",
  ]);
});

test("a link to a folder that contains the functions serves the rest of that folder", async (t) => {
  const folder = makeProject(t, ["src/functions/a.js", "src/other/x.txt", "assets/b.txt"]);
  symlinkSync("../src", join(folder, "assets/source"));
  const found = await discover(folder, noLimits);
  assert.deepEqual(paths(found), { functions: ["/a"], assets: ["/b.txt", "/source/other/x.txt"] });
});

test("the functions folder may itself be a link", async (t) => {
  const folder = makeProject(t, ["shared/a.js"]);
  symlinkSync("shared", join(folder, "functions"));
  assert.deepEqual(paths(await discover(folder, noLimits)).functions, ["/a"]);
});

test("links that loop end, even many that link to each other", { timeout: 10_000 }, async (t) => {
  const folder = makeProject(t, ["functions/a/x.js"]);
  symlinkSync(".", join(folder, "functions/self"));
  symlinkSync("../a", join(folder, "functions/a/again"));
  symlinkSync("circle-2", join(folder, "functions/circle-1"));
  symlinkSync("circle-1", join(folder, "functions/circle-2"));
  const names = Array.from({ length: 12 }, (_, index) => `n${index}`);
  for (const name of names) mkdirSync(join(folder, "functions", name));
  for (const from of names) {
    for (const to of names) symlinkSync(`../${to}`, join(folder, "functions", from, `to-${to}`));
  }
  const found = await discover(folder, noLimits);
  assert.deepEqual(paths(found).functions, ["/a/x"]);
  assert.ok(found.warnings.length < 2000);
});

test("one folder for functions and assets is refused, and files of a nested one are found once", async (t) => {
  const folder = makeProject(t, ["functions/a.js", "functions/assets/b.js"]);
  const same = { ...noLimits, assetsFolder: "functions" };
  await assert.rejects(discover(folder, same), { code: "setting-invalid" });
  const inside = await discover(folder, { ...noLimits, assetsFolder: "functions/assets" });
  assert.deepEqual(paths(inside), { functions: ["/a"], assets: ["/b.js"] });
  const around = await discover(folder, { ...noLimits, assetsFolder: "." });
  assert.deepEqual(paths(around), { functions: ["/a", "/assets/b"], assets: [] });
});

test("five thousand functions are found within two seconds, in the same order each time", async (t) => {
  const folder = makeProject(t);
  for (let group = 0; group < 100; group++) {
    const sub = join(folder, "functions", `group-${group}`);
    mkdirSync(sub, { recursive: true });
    for (let index = 0; index < 50; index++) writeFileSync(join(sub, `f-${index}.js`), "");
  }
  const begin = performance.now();
  const found = await discover(folder, noLimits);
  const tookMs = performance.now() - begin;
  assert.equal(found.functions.length, 5000);
  assert.ok(tookMs < 2000, `${tookMs} ms`);
  t.diagnostic(`${Math.round(tookMs)} ms`);
  assert.deepEqual(await discover(folder, noLimits), found);
});
