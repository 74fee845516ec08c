/** Deployed code asks for the compiled names of private assets in TypeScript. These names work without a build. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { serve } from "../site.ts";

const files = {
  "src/assets/words.private.ts": 'export enum Word { Hello = "hello" }\nexport const greet = (): string => Word.Hello;',
  "src/assets/lib/data.private.mts": 'export const data: string = "data";',
  "src/assets/lib/old.private.cts": 'exports.old = "old" as string;',
  "src/assets/both.private.ts": 'export const both: string = "source";',
  "src/assets/both.private.js": 'exports.both = "compiled";',
  "src/assets/note.private.txt": "note",
  "src/assets/types.d.private.ts": "export type A = string;",
  "src/assets/client.ts": "export const client: number = 1;",
  "src/functions/keys.js": "callback(null, Object.keys(Runtime.getAssets()))",
  "src/functions/load.js": `
    const { path } = Runtime.getAssets()[event.key];
    callback(null, require(path));`,
  "src/functions/open.js": "callback(null, Runtime.getAssets()[event.key].open())",
  "src/functions/helper.private.ts": 'export enum Kind { A = "kind" }',
  "src/functions/kind.js": `callback(null, require(Runtime.getFunctions().helper.path).Kind.A)`,
};

for (const hardened of [false, true]) {
  test(`TypeScript assets have their compiled names and their source names${hardened ? ", hardened" : ""}`, async (t) => {
    const site = await serve(t, files, { hardened });
    const load = async (key: string): Promise<unknown> => {
      const { status, text } = await site.call(`/load?key=${encodeURIComponent(key)}`);
      assert.equal(status, 200, `${key}: ${site.requests.at(-1)?.detail}`);
      return JSON.parse(text);
    };
    assert.deepEqual((await site.call("/keys")).json(), [
      "/both.js",
      "/lib/data.mjs",
      "/lib/old.cjs",
      "/note.txt",
      "/types.d.ts",
      "/words.js",
    ]);
    for (const key of ["/words.js", "/words.ts"]) assert.deepEqual(await load(key), { Word: { Hello: "hello" } }, key);
    for (const key of ["/lib/data.mjs", "/lib/data.mts"]) assert.deepEqual(await load(key), { data: "data" }, key);
    for (const key of ["/lib/old.cjs", "/lib/old.cts"]) assert.deepEqual(await load(key), { old: "old" }, key);
    assert.deepEqual(await load("/both.js"), { both: "compiled" });
    assert.deepEqual(await load("/both.ts"), { both: "source" });
    assert.equal((await site.call("/kind")).text, "kind");
  });

  test(`open() returns JavaScript for the compiled name and source for the source name${hardened ? ", hardened" : ""}`, async (t) => {
    const site = await serve(t, files, { hardened });
    const open = async (key: string): Promise<string> => (await site.call(`/open?key=${key}`)).text;
    assert.equal(await open("/lib/data.mts"), files["src/assets/lib/data.private.mts"]);
    assert.equal(await open("/lib/data.mjs"), 'export const data = "data";\n');
    assert.equal(await open("/both.js"), files["src/assets/both.private.js"]);
  });
}

test("a public asset in TypeScript is served unchanged", async (t) => {
  const site = await serve(t, files);
  assert.equal((await site.call("/client.ts")).text, files["src/assets/client.ts"]);
  assert.equal((await site.call("/client.js")).status, 404);
});
