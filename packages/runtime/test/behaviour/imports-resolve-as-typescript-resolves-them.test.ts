/** Imports of a project's own files: aliases, extensions, folders, JSON. Imports inside packages are left to Node. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { serve, type Site } from "../site.ts";

async function textOf(site: Site, path: string): Promise<string> {
  const answer = await site.call(path);
  assert.equal(answer.status, 200, `${path}: ${answer.text} ${site.requests.at(-1)?.detail}`);
  return answer.text;
}

const lib = (name: string): string => `export const name: string = ${JSON.stringify(name)};`;
const tellNames = (imports: string, names: string): string =>
  `${imports}\nexport const handler = (c: unknown, e: unknown, callback: Function) => callback(null, [${names}].join(" "));`;

const files = {
  "tsconfig.json": `{
    // with comments, as editors write it
    "extends": "./config/base",
    "compilerOptions": { "paths": { "@lib/*": ["./lib/*"], "@exact": ["./lib/exact.ts"] }, },
  }`,
  "config/base.json": `{ "compilerOptions": { "baseUrl": "../src" } }`,
  "functions/all.ts": tellNames(
    `import { name as alias } from "@lib/alias";
     import { name as exact } from "@exact";
     import { name as based } from "lib/based";
     import { name as bare } from "../src/lib/bare";
     import { name as js } from "../src/lib/js.js";
     import { name as mjs } from "../src/lib/mjs.mjs";
     import { name as cjs } from "../src/lib/cjs.cjs";
     import { name as index } from "../src/folder";
     import { name as pack } from "pack";
     import deep from "pack/lib/deep";
     import json from "../src/data.json";
     import withAttribute from "../src/data.json" with { type: "json" };
     const required = require("@lib/alias");`,
    "alias, exact, based, bare, js, mjs, cjs, index, pack, deep, json.name, withAttribute.name, required.name",
  ),
  "functions/script.js": `
    const { name } = require("../src/lib/bare");
    exports.handler = (c, e, callback) => callback(null, [name, require("../src/folder").name, require("@lib/alias").name, require("../src/data").name].join(" "));`,
  "functions/missing.ts": tellNames(`import { name } from "../src/lib/nowhere";`, "name"),
  "src/data.json": '{ "name": "json" }',
  "src/lib/alias.ts": lib("alias"),
  "src/lib/exact.ts": lib("exact"),
  "src/lib/based.ts": lib("based"),
  "src/lib/bare.ts": lib("bare"),
  "src/lib/js.ts": lib("js"),
  "src/lib/mjs.mts": lib("mjs"),
  "src/lib/cjs.cts": 'exports.name = "cjs" as string;',
  "src/folder/index.ts": lib("index"),
  "node_modules/pack/package.json": '{ "name": "pack", "main": "main.js" }',
  // Inside a package, only names that Node itself resolves are found.
  "node_modules/pack/main.js": `
    const tries = (name) => { try { require(name); return "found"; } catch (error) { return error.code; } };
    exports.name = ["@lib/alias", "./typed", "lib/based"].map(tries).join();`,
  "node_modules/pack/typed.ts": lib("typed"),
  "node_modules/pack/lib/deep.js": `module.exports = "deep";`,
};

const missing = "MODULE_NOT_FOUND";
for (const hardened of [false, true]) {
  test(`a project's imports resolve as in TypeScript${hardened ? ", hardened" : ""}`, async (t) => {
    const site = await serve(t, files, { hardened });
    assert.equal(
      await textOf(site, "/all"),
      `alias exact based bare js mjs cjs index ${missing},${missing},${missing} deep json json alias`,
    );
    assert.equal(await textOf(site, "/script"), "bare index alias json");
    assert.equal((await site.call("/missing")).status, 500);
    assert.match(site.requests.at(-1)?.detail ?? "", /Cannot find module .*src\/lib\/nowhere/);
  });
}

/** With Node's own import, these packages have no such named exports, and another default export. */
const packages = {
  "node_modules/opaque/package.json": '{ "name": "opaque", "main": "main.js" }',
  "node_modules/opaque/main.js":
    "module.exports = Object.assign(() => 'called', { ['na' + 'med']: 'named', other: 'other' });",
  "node_modules/esmade/package.json": '{ "name": "esmade", "main": "main.js" }',
  "node_modules/esmade/main.js":
    "Object.defineProperty(exports, '__esModule', { value: true }); exports.default = 'default'; exports.named = globalThis.order;",
  "node_modules/real/package.json": '{ "name": "real", "type": "module", "exports": "./main.js" }',
  "node_modules/real/main.js": "export default 'real'; export const named = 'module';",
};

test("packages are imported as from compiled code", async (t) => {
  const site = await serve(t, {
    ...packages,
    "functions/first.ts": "export {}; (globalThis as any).order = 'in order';",
    "functions/names.ts": tellNames(
      `import "./first";
       import opaque, { named, other as another } from "opaque";
       import * as all from "opaque";
       import made, { named as order } from "esmade";
       import real, { named as real2 } from "real";
       import twilio, { twiml, validateRequest } from "twilio";
       import VoiceResponse from "twilio/lib/twiml/VoiceResponse";`,
      `opaque(), named, another, all.named, made, order, real, real2, typeof twilio, new twiml.VoiceResponse() instanceof VoiceResponse, typeof validateRequest`,
    ),
  });
  assert.equal(
    await textOf(site, "/names"),
    "called named other named default in order real module function true function",
  );
});

test("a project of ES modules imports packages as Node does", async (t) => {
  const site = await serve(t, {
    ...packages,
    "package.json": '{ "type": "module" }',
    "functions/names.ts": tellNames(`import made from "esmade";`, "(made as any).default"),
  });
  assert.equal(await textOf(site, "/names"), "default");
});
