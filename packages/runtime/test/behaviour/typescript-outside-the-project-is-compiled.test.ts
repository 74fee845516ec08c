/** The author's code outside the project's folder: in a sibling folder, or in a package of the workspace. */
import assert from "node:assert/strict";
import { cp, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { serveFolder, writeProject, type Site } from "../site.ts";

const service = (imports: string, value: string): string =>
  `${imports}\nexport const handler = (c: unknown, e: unknown, callback: Function) => callback(null, ${value});`;

const files = {
  "package.json": '{ "private": true, "workspaces": ["service", "packages/*"] }',
  "service/package.json": '{ "name": "service" }',
  "service/functions/kind.ts": service('import { Kind } from "../../shared/kind";', "Kind.Call"),
  "service/functions/value.ts": service('import { value } from "../../shared/value.js";', "value"),
  "service/functions/own-config.ts": service(
    'import { Decorated } from "../../shared/configured/class";',
    "Decorated.mark",
  ),
  "service/functions/package.ts": service('import { price, Size } from "@acme/prices";', "price(Size.Large)"),
  "service/functions/subpath.ts": service(
    'import { deep } from "@acme/prices/lib/deep"; import data from "../../shared/data.json";',
    "deep + data.more",
  ),
  "service/functions/exported.ts": service('import { exported } from "exported";', "exported"),
  "service/functions/script.js": `const { Kind } = require("../../shared/kind");
    exports.handler = (c, e, callback) => callback(null, Kind.Call + require("@acme/prices").price(1));`,
  "service/functions/dynamic.js": `exports.handler = (c, e, callback) => callback(null, require("../../shared/" + "late").late);`,
  "service/functions/installed.js": `exports.handler = (c, e, callback) => {
      try { callback(null, require(e.name + "/typed").Kind.Call); } catch (error) { callback(null, error.code); }
    };`,
  "shared/kind.ts": 'export enum Kind { Call = "call" }',
  "shared/data.json": '{ "more": "er" }',
  "shared/late.ts": 'export enum Late { Yes = "late" }\nexport const late: string = Late.Yes;',
  "shared/value.ts": 'import { plain } from "./plain";\nexport const value: string = plain(1);',
  "shared/plain.ts": "export const plain = (n: number): string => `plain ${n}`;",
  // It uses decorators and an alias that the project's own tsconfig.json does not have.
  "shared/configured/tsconfig.json": `{ "compilerOptions": { "experimentalDecorators": true, "paths": { "@here/*": ["./*"] } } }`,
  "shared/configured/class.ts": `import { mark } from "@here/mark";
    @mark export class Decorated { static mark: string; }`,
  "shared/configured/mark.ts": `export const mark = (made: { mark: string }): void => { made.mark = "marked"; };`,
  "packages/prices/package.json": '{ "name": "@acme/prices", "main": "src/index" }',
  "packages/prices/src/index.ts": `export enum Size { Small, Large }
    export { price } from "./price";`,
  "packages/prices/src/price.ts": "export const price = (n: number): string => `price ${n}`;",
  "packages/prices/lib/deep.ts":
    'export namespace Deep { export const value = "deep"; }\nexport const deep: string = Deep.value;',
  "packages/exported/package.json": '{ "name": "exported", "exports": "./src/index.js" }',
  "packages/exported/src/index.ts": 'export enum E { A = "exported" }\nexport const exported: string = E.A;',
  "service/node_modules/installed/package.json": '{ "name": "installed" }',
  "service/node_modules/installed/typed.ts": 'export enum Kind { Call = "call" }',
};

async function serveWorkspace(
  t: TestContext,
  settings: object,
  change?: (root: string) => Promise<void>,
): Promise<Site> {
  const root = await writeProject(t, files);
  await mkdir(join(root, "node_modules/@acme"), { recursive: true });
  await symlink("../../packages/prices", join(root, "node_modules/@acme/prices"));
  await symlink("../packages/exported", join(root, "node_modules/exported"));
  await change?.(root);
  return await serveFolder(t, join(root, "service"), settings);
}

const expected: Readonly<Record<string, string>> = {
  kind: "call",
  value: "plain 1",
  "own-config": "marked",
  package: "price 1",
  subpath: "deeper",
  exported: "exported",
  script: "callprice 1",
};

async function textOf(site: Site, name: string): Promise<string> {
  const { status, text } = await site.call(`/${name}`);
  return status === 200 ? text : `${status} ${site.requests.at(-1)?.detail}`;
}

for (const hardened of [false, true]) {
  test(`TypeScript outside the project is compiled with its own tsconfig.json${hardened ? ", hardened" : ""}`, async (t) => {
    const site = await serveWorkspace(t, { hardened });
    for (const [name, text] of Object.entries(expected)) assert.equal(await textOf(site, name), text, name);
  });
}

test("TypeScript that is imported at run time is compiled too", async (t) => {
  assert.equal(await textOf(await serveWorkspace(t, {}), "dynamic"), "late");
});

test("installed packages are left to Node, also if they are in a store", async (t) => {
  const site = await serveWorkspace(t, {}, async (root) => {
    // This is pnpm's layout of packages.
    const store = join(root, "node_modules/.pnpm/stored@1.0.0/node_modules/stored");
    await cp(join(root, "service/node_modules/installed"), store, { recursive: true });
    await symlink(
      "../../node_modules/.pnpm/stored@1.0.0/node_modules/stored",
      join(root, "service/node_modules/stored"),
    );
  });
  for (const name of ["installed", "stored"]) {
    assert.equal(await textOf(site, `installed?name=${name}`), "MODULE_NOT_FOUND", name);
  }
});

test("a project in plain JavaScript can import TypeScript from a package of its workspace", async (t) => {
  const root = await writeProject(t, {
    "service/functions/script.js": files["service/functions/script.js"],
    "shared/kind.ts": files["shared/kind.ts"],
    "packages/prices/package.json": files["packages/prices/package.json"],
    "packages/prices/src/index.ts": files["packages/prices/src/index.ts"],
    "packages/prices/src/price.ts": files["packages/prices/src/price.ts"],
  });
  await mkdir(join(root, "service/node_modules/@acme"), { recursive: true });
  await symlink("../../../packages/prices", join(root, "service/node_modules/@acme/prices"));
  assert.equal(await textOf(await serveFolder(t, join(root, "service")), "script"), "callprice 1");
});

test("an error in a file outside the project names its line and column", async (t) => {
  const root = await writeProject(t, {
    "service/functions/broken.ts": service('import { x } from "../../shared/broken";', "x"),
    "shared/broken.ts": "export const a: number = 1;\nexport const x: number = = 2;\n",
  });
  assert.match(await textOf(await serveFolder(t, join(root, "service")), "broken"), /^500 .*shared\/broken\.ts:2:26/);
});
