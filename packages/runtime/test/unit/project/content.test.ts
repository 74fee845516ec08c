import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { findContent } from "../../../src/project/content.ts";
import type { DiscoverOptions } from "../../../src/project/discover.ts";
import { makeProject } from "./temp-project.ts";

const noLimits: DiscoverOptions = { assetLimit: Infinity, privateAssetLimit: Infinity };
const selfContained: DiscoverOptions = { ...noLimits, isSelfContained: true };

test("a folder's content is found without its .env and its settings", async (t) => {
  const folder = makeProject(t, {
    "functions/hello.protected.ts": "export const handler = () => 1;",
    "assets/a.txt": "",
    "elsewhere/b.js": "",
    ".env": 'A="1',
    "offhook.json": "not JSON",
    ".twilioserverlessrc": '{ "functionsFolder": "elsewhere" }',
    "package.json": '{ "name": "x" }',
  });
  const { content, warnings, otherFiles } = await findContent(join(folder, "functions/.."), noLimits);
  assert.equal(content.folder, folder);
  assert.deepEqual(
    content.functions.map(({ path, visibility }) => [path, visibility]),
    [["/hello", "protected"]],
  );
  assert.deepEqual(
    content.assets.map(({ path }) => path),
    ["/a.txt"],
  );
  assert.equal(content.language?.transforms, true);
  assert.deepEqual([warnings, otherFiles], [[], []]);
  assert.deepEqual(Object.keys(content).toSorted(), ["assets", "folder", "functions", "language", "outsideFiles"]);
});

test("a folder with nothing to serve has empty content", async (t) => {
  const { content } = await findContent(makeProject(t, ["package.json"]), noLimits);
  assert.deepEqual([content.functions, content.assets], [[], []]);
});

test("a folder that is missing, or is a file, is refused", async (t) => {
  const folder = makeProject(t, ["file.txt"]);
  for (const name of ["nope", "file.txt", "file.txt/x"]) {
    await assert.rejects(findContent(join(folder, name), noLimits), { code: "folder-missing" });
  }
});

/** A folder between the folders of others, all in one repository. */
function makeNeighbours(t: Parameters<typeof makeProject>[0]): { own: string; other: string } {
  const above = makeProject(t, {
    ".git/HEAD": "",
    "package.json": '{ "workspaces": ["*"] }',
    "own/functions/a.js": 'require("../../other/functions/secret"); require("../lib/x");',
    "own/lib/x.js": "",
    "other/functions/secret.js": "",
    "other/tsconfig.json": "{}",
    "other/package.json": "{}",
    "other/assets/secret.txt": "",
  });
  return { own: join(above, "own"), other: join(above, "other") };
}

test("a self-contained folder has no links out of it, and a project may have links into its workspace", async (t) => {
  const { own, other } = makeNeighbours(t);
  mkdirSync(join(own, "assets"));
  symlinkSync(join(other, "functions/secret.js"), join(own, "functions/linked.js"));
  symlinkSync(join(other, "assets"), join(own, "assets/linked"));
  symlinkSync(join(own, "lib/x.js"), join(own, "functions/inside.js"));
  const paths = async (options: DiscoverOptions): Promise<string[]> => {
    const { functions, assets } = (await findContent(own, options)).content;
    return [...functions, ...assets].map(({ path }) => path);
  };
  assert.deepEqual(await paths(noLimits), ["/a", "/inside", "/linked", "/linked/secret.txt"]);
  assert.deepEqual(await paths(selfContained), ["/a", "/inside"]);
  const { warnings } = await findContent(own, selfContained);
  assert.deepEqual(warnings.length, 2);
  for (const warning of warnings) assert.match(warning, /linked.* is a symbolic link that leads out/);
});

test("a self-contained folder runs no code from outside, even if its functions import it", async (t) => {
  const { own, other } = makeNeighbours(t);
  writeFileSync(
    join(own, "tsconfig.json"),
    '{ "compilerOptions": { "paths": { "#other/*": ["../other/functions/*"] } } }',
  );
  writeFileSync(join(own, "functions/b.ts"), 'import "#other/secret"; export const handler = 1;');
  const { outsideFiles = [] } = (await findContent(own, noLimits)).content;
  assert.ok(outsideFiles.includes(join(other, "functions/secret.js")));
  const { content } = await findContent(own, selfContained);
  assert.deepEqual(content.outsideFiles, []);
  assert.deepEqual(content.language?.outside, []);
  assert.deepEqual(content.language?.roots, [own]);
});

test("a self-contained folder cannot have its functions or assets elsewhere", async (t) => {
  for (const name of ["functions", "assets"]) {
    const { own, other } = makeNeighbours(t);
    const options = { ...selfContained, [`${name}Folder`]: `../other/${name}` };
    await assert.rejects(findContent(own, options), { code: "folder-missing", message: /leads out of/ });
    symlinkSync(join(other, name), join(own, "linked"));
    const linked = { ...selfContained, [`${name}Folder`]: "linked" };
    await assert.rejects(findContent(own, linked), { code: "folder-missing", message: /leads out of/ });
    await findContent(own, { ...linked, isSelfContained: false });
  }
});

test("a self-contained folder is not confused with a neighbour whose name starts with the same letters", async (t) => {
  const above = makeProject(t, ["a/x.txt", "ab/functions/secret.js"]);
  const options = { ...selfContained, functionsFolder: "../ab/functions" };
  await assert.rejects(findContent(join(above, "a"), options), { code: "folder-missing", message: /leads out of/ });
});

test("the tsconfig.json of a self-contained folder extends files in it and packages, and no others", async (t) => {
  const { own, other } = makeNeighbours(t);
  const decorated = '{ "compilerOptions": { "experimentalDecorators": true } }';
  writeFileSync(join(own, "functions/b.ts"), "");
  writeFileSync(join(other, "base.json"), decorated);
  writeFileSync(join(own, "base.json"), decorated);
  mkdirSync(join(own, "node_modules/base"), { recursive: true });
  writeFileSync(join(own, "node_modules/base/tsconfig.json"), decorated);
  const isTaken = async (base: string, options: DiscoverOptions): Promise<boolean> => {
    writeFileSync(join(own, "tsconfig.json"), JSON.stringify({ extends: base }));
    const { content, warnings } = await findContent(own, options);
    const isFound = content.language?.options.experimentalDecorators === true;
    assert.equal(
      warnings.some((warning) => warning.includes(`extends ${base}, which does not exist`)),
      !isFound,
    );
    return isFound;
  };
  for (const base of ["./base.json", "./base", "base/tsconfig.json", "base"]) {
    assert.ok(await isTaken(base, selfContained), base);
  }
  for (const base of [
    "../other/base.json",
    "../other/base",
    join(other, "base.json"),
    "base/../../../other/base.json",
  ]) {
    assert.ok(await isTaken(base, noLimits), base);
    assert.ok(!(await isTaken(base, selfContained)), base);
  }
});
