/** The options of `tsconfig.json` that change the compiled code. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadProject } from "../../src/project/project.ts";
import { serve, writeProject } from "../site.ts";

const decorated = `
  const seen: string[] = [];
  function note(target: object, key: string) { seen.push(key + ":" + (Reflect as any).kind?.(target, key)); }
  (Reflect as any).metadata = (name: string, type: any) => () => void seen.push(name + "=" + type.name);
  class Thing { @note name: string = "x"; }
  export const handler = (c: unknown, e: unknown, callback: Function) => callback(null, seen);`;

const fields = `
  class Base { value = "base"; }
  class Child extends Base { value: any; }
  export const handler = (c: unknown, e: unknown, callback: Function) => callback(null, String(new Child().value));`;

const importsOnly = `
  import { unused } from "../lib/effects";
  export const handler = (c: unknown, e: unknown, callback: Function) => callback(null, String((globalThis as any).effects));`;

const files = {
  "functions/fields.ts": fields,
  "functions/imports.ts": importsOnly,
  "lib/effects.ts": "(globalThis as any).effects = 1; export const unused = 1;",
};

const config = (options: object): string => JSON.stringify({ compilerOptions: options });

test("without a tsconfig.json, classes work as in JavaScript, and unused imports are removed", async (t) => {
  const site = await serve(t, files, { spares: 0 });
  assert.equal((await site.call("/fields")).text, "undefined");
  assert.equal((await site.call("/imports")).text, "undefined");
});

test("tsconfig.json decides whether fields are set or defined, and whether unused imports stay", async (t) => {
  const site = await serve(t, {
    ...files,
    "tsconfig.json": config({ useDefineForClassFields: false, verbatimModuleSyntax: true }),
  });
  assert.equal((await site.call("/fields")).text, "base");
  assert.equal((await site.call("/imports")).text, "1");
});

test("with an old target, fields are set", async (t) => {
  const site = await serve(t, { ...files, "tsconfig.json": config({ target: "ES2020" }) });
  assert.equal((await site.call("/fields")).text, "base");
});

for (const hardened of [false, true]) {
  test(`decorators work if tsconfig.json allows them${hardened ? ", hardened" : ""}`, async (t) => {
    const options = { experimentalDecorators: true, emitDecoratorMetadata: true };
    const site = await serve(
      t,
      { "functions/a.ts": decorated, "tsconfig.json": config(options) },
      { hardened, isolateConcurrency: 1 },
    );
    const answer = await site.call("/a");
    assert.equal(answer.status, 200, site.requests.at(-1)?.detail);
    assert.deepEqual(answer.json(), ["design:type=String", "name:undefined"]);
  });
}

test("otherwise a decorator is an error that names its place and the option that allows it", async (t) => {
  const site = await serve(t, { "functions/a.ts": decorated });
  assert.equal((await site.call("/a")).status, 500);
  assert.match(site.requests.at(-1)?.detail ?? "", /functions\/a\.ts:5:17: .*experimentalDecorators/);
});

test("a malformed tsconfig.json is an error with its place", async (t) => {
  const folder = await writeProject(t, { ...files, "tsconfig.json": '{\n  "compilerOptions": {\n' });
  await assert.rejects(loadProject(folder), (error: Error & { code?: string }) => {
    assert.equal(error.code, "file-malformed");
    assert.match(error.message, /tsconfig\.json: .* at 3:1/);
    return true;
  });
});

test("a tsconfig.json that extends a missing file is a warning", async (t) => {
  const folder = await writeProject(t, { ...files, "tsconfig.json": '{ "extends": "@tsconfig/none/tsconfig.json" }' });
  const { warnings } = await loadProject(folder);
  assert.match(warnings.join(), /tsconfig\.json extends @tsconfig\/none\/tsconfig\.json, which does not exist/);
});

test("in a project without TypeScript, a malformed tsconfig.json is a warning", async (t) => {
  const folder = await writeProject(t, { "functions/a.js": "callback()", "tsconfig.json": "{" });
  const { warnings } = await loadProject(folder);
  assert.match(warnings.join(), /tsconfig\.json is ignored: .* at 1:2/);
});
