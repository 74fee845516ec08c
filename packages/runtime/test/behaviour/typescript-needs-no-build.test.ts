/** Functions in TypeScript are served from their source. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { serve, writeProject, type Site } from "../site.ts";
import { loadProject } from "../../src/project/project.ts";

const types = `import type { Context, ServerlessCallback } from "@twilio-labs/serverless-runtime-types/types";\n`;

async function textOf(site: Site, path: string): Promise<string> {
  const answer = await site.call(path);
  assert.equal(answer.status, 200, `${path}: ${answer.text} ${site.requests.at(-1)?.detail}`);
  return answer.text;
}

const language = {
  "functions/enum.ts": `${types}
    enum Color { Red, Green = "green" }
    namespace Shade { export const dark = "dark"; }
    class Point { constructor(private readonly x: number, public y = 2) {} sum() { return this.x + this.y; } }
    export const handler = (context: Context, event: {}, callback: ServerlessCallback) =>
      callback(null, { red: Color.Red, green: Color.Green, dark: Shade.dark, sum: new Point(1).sum(), own: Object.keys(new Point(1)) });`,
  // Neither package is installed. An import that is only used as a type must not run.
  "functions/elided.ts": `
    import { Context } from "no-such-package";
    import "./side-effect.private";
    export function handler(context: Context, event: unknown, callback: Function) { callback(null, String((globalThis as any).effects)); }`,
  "functions/side-effect.private.ts": `(globalThis as any).effects = 1;`,
  "functions/default.ts": `export default async (context: unknown, event: unknown, callback: Function) => callback(null, "default");`,
  "functions/object.ts": `export default { handler(c: unknown, e: unknown, callback: Function) { callback(null, "object"); } };`,
  "functions/module.mts": `
    const text: string = await Promise.resolve("awaited");
    export const handler = (c: unknown, e: unknown, callback: Function) => callback(null, text);`,
  "functions/plain.cts": `exports.handler = (c: unknown, e: unknown, callback: Function) => callback(null, __filename.endsWith("plain.cts"));`,
  "functions/assigned.ts": `
    import path = require("node:path");
    const handler = (c: unknown, e: unknown, callback: Function) => callback(null, path.basename("/a/assigned"));
    export = { handler };`,
  "functions/using.ts": `
    export const handler = (c: unknown, e: unknown, callback: Function) => {
      const seen: string[] = [];
      { using thing = { [Symbol.dispose]: () => void seen.push("disposed") }; seen.push(typeof thing); }
      callback(null, seen);
    };`,
  "functions/typed.ts": `${types}
    exports.handler = (c: Context, e: unknown, callback: ServerlessCallback) => callback(null, new Response().constructor.name + typeof Twilio);
    declare const Twilio: unknown;`,
  "functions/imports-response.ts": `
    import { make } from "../lib/make";
    export const handler = (c: unknown, e: unknown, callback: Function) => callback(null, make());`,
  "lib/make.ts": `export const make = () => { const response = new (Response as any)(); response.setBody("Twilio's"); return response; };`,
};

test("functions in TypeScript are served", async (t) => {
  const site = await serve(t, language);
  assert.deepEqual((await site.call("/enum")).json(), {
    red: 0,
    green: "green",
    dark: "dark",
    sum: 3,
    own: ["x", "y"],
  });
  assert.equal(await textOf(site, "/elided"), "1");
  assert.equal(await textOf(site, "/default"), "default");
  assert.equal(await textOf(site, "/object"), "object");
  assert.equal(await textOf(site, "/module"), "awaited");
  assert.equal(await textOf(site, "/plain"), "true");
  assert.equal(await textOf(site, "/assigned"), "assigned");
  assert.equal(await textOf(site, "/using"), '["object","disposed"]');
  assert.match(await textOf(site, "/typed"), /function/);
  assert.equal(await textOf(site, "/imports-response"), "Twilio's");
});

test("names and visibility work as in JavaScript, and declaration files are not served", async (t) => {
  const handler = `export const handler = (c: unknown, e: unknown, callback: Function) => callback(null, "here");`;
  const site = await serve(t, {
    "functions/a/public.ts": handler,
    "functions/guarded.protected.ts": handler,
    "functions/hidden.private.mts": handler,
    "functions/types.d.ts": "export interface A {}",
    ".env": "AUTH_TOKEN=secret",
  });
  assert.equal(await textOf(site, "/a/public"), "here");
  assert.equal((await site.call("/guarded")).status, 403);
  assert.equal((await site.call("/hidden")).status, 404);
  assert.equal((await site.call("/types")).status, 404);
  assert.equal((await site.call("/types.d")).status, 404);
});

test("two files for one path are refused, but a compiled file beside its source is served", async (t) => {
  const file = "export const handler = (c, e, callback) => callback(null, 'typed')";
  const folder = await writeProject(t, { "functions/a.protected.js": "callback()", "functions/a.ts": file });
  await assert.rejects(loadProject(folder), { code: "path-duplicate" });
  const site = await serve(t, { "functions/a.js": "callback(null, 'compiled')", "functions/a.ts": file });
  assert.equal(await textOf(site, "/a"), "compiled");
});

const mixed = {
  "functions/mixed.ts": `
    import { basename } from "node:path";
    const lib = require("../lib/lib");
    exports.handler = (c: unknown, e: unknown, callback: Function) =>
      callback(null, [basename(__filename), basename(__dirname), lib.kind, typeof module, typeof exports]);
    export const extra = 3;`,
  "functions/declares.ts": `
    import { createRequire } from "node:module";
    const require = createRequire(import.meta.url);
    const __dirname = "mine";
    export const handler = (c: unknown, e: unknown, callback: Function) => callback(null, [__dirname, require("../lib/lib").kind]);`,
  "functions/assigned.ts": `
    import { basename } from "node:path";
    import lib = require("../lib/lib");
    export = { handler: (c: unknown, e: unknown, callback: Function) => callback(null, basename("/x/" + lib.kind)) };`,
  "functions/script.js": `
    import { basename } from "node:path";
    exports.handler = (c, e, callback) => callback(null, basename(__filename) + require("../lib/lib").kind);`,
  "functions/asks.js": `
    exports.handler = async (c, e, callback) => {
      const functions = Runtime.getFunctions();
      const seen = [];
      for (const name of ["mixed", "assigned", "esm", "helper", "script"]) {
        const module = require(functions[name].path);
        seen.push(name + ":" + Object.keys(module).sort().join("+"));
      }
      callback(null, seen);
    };`,
  "functions/helper.private.ts": `exports.help = (x: number) => x; type A = 1;`,
  "functions/esm.ts": `export const handler = (c: unknown, e: unknown, callback: Function) => callback(null, typeof require); export const other = 1;`,
  "lib/lib.ts": `module.exports = { kind: "lib" as string };`,
};

const answersOfMixed = {
  "/mixed": '["mixed.ts","functions","lib","object","object"]',
  "/declares": '["mine","lib"]',
  "/assigned": "lib",
  "/script": "script.jslib",
  "/esm": "function",
  "/asks": '["mixed:extra+handler","assigned:handler","esm:handler+other","helper:help","script:handler"]',
};

for (const hardened of [false, true]) {
  test(`import and require can be mixed${hardened ? " in a hardened isolate" : ""}`, async (t) => {
    const site = await serve(t, mixed, { hardened });
    for (const [path, text] of Object.entries(answersOfMixed)) assert.equal(await textOf(site, path), text);
  });
}

test("a CommonJS project can still use import", async (t) => {
  const site = await serve(t, {
    "package.json": '{ "type": "commonjs" }',
    "functions/a.js": `import { basename } from "node:path"; export const handler = (c, e, callback) => callback(null, basename("/x/a"));`,
    "functions/b.ts": `import { basename } from "node:path"; export const handler = (c: unknown, e: unknown, callback: Function) => callback(null, basename("/x/b") + typeof __dirname);`,
  });
  assert.equal(await textOf(site, "/a"), "a");
  assert.equal(await textOf(site, "/b"), "bstring");
});

test("a project of ES modules is loaded as such", async (t) => {
  const site = await serve(t, {
    "package.json": '{ "type": "module" }',
    "functions/a.js": `import { x } from "../lib/x.js"; export const handler = (c, e, callback) => callback(null, x + typeof require);`,
    "functions/b.ts": `export default (c: unknown, e: unknown, callback: Function) => callback(null, import.meta.filename.endsWith("b.ts"));`,
    "functions/c.cts": `exports.handler = (c: unknown, e: unknown, callback: Function) => callback(null, typeof require);`,
    "lib/x.ts": `export const x: string = "x";`,
  });
  assert.equal(await textOf(site, "/a"), "xundefined");
  assert.equal(await textOf(site, "/b"), "true");
  assert.equal(await textOf(site, "/c"), "function");
});
