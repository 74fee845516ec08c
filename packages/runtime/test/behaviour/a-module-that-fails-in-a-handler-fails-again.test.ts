/**
 * A handler loads a module that throws. Node forgets such a module, so the next call must get the same error. It must
 * never get what the module exported before it threw.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { serve } from "../site.ts";

const files = {
  "lib/throws.cjs": "exports.early = 1; throw new Error('thrown by the module');",
  "lib/incomplete.cjs": "exports.early = 1; exports.gone = require('./gone.cjs');",
  "lib/around.cjs": "exports.early = 1; exports.inner = require('./throws.cjs');",
  "lib/unparsable.cjs": "exports.early = 1; let let = 1;",
  "lib/bad.json": '{ "early": ',
  "lib/throws.mjs": "export const early = 1; throw new Error('thrown by the module');",
  "lib/unlinked.mjs": "import { none } from 'node:path'; export const early = none;",
  "lib/incomplete.mjs": "import './gone.mjs'; export const early = 1;",
  "lib/unparsable.mjs": "export const early = 1; let let = 1;",
};

const handler = `
  const load = { require: (file) => require(file), import: (file) => import(file) };
  exports.handler = async (context, event, callback) => {
    try {
      const { early } = await load[event.how]("../lib/" + event.file);
      callback(null, { early });
    } catch (error) {
      callback(null, { failed: error.message.split("\\n")[0] });
    }
  };`;

/** Node behaves differently if ES modules were imported before they are required. */
const orders = [["require"], ["import", "require"], ["require", "import"]] as const;

for (const order of orders) {
  test(`a module that fails in a handler fails in the same way each time: ${order.join(", then ")}`, async (t) => {
    const site = await serve(t, { ...files, "functions/load.js": handler }, { spares: 0 });
    for (const name of Object.keys(files)) {
      const messages: Record<string, Set<string>> = {};
      for (let times = 0; times < 3; times++) {
        for (const how of order) {
          const reply = (await site.call(`/load?how=${how}&file=${name.slice(4)}`)).json() as { failed?: string };
          assert.ok(reply.failed !== undefined, `${how} of ${name}, call ${times + 1}: ${JSON.stringify(reply)}`);
          assert.doesNotMatch(reply.failed, /in a cycle|not yet fully loaded|Unexpected (?:module )?status/);
          (messages[how] ??= new Set()).add(reply.failed);
        }
      }
      for (const how of order) assert.equal(messages[how]?.size, 1, [...(messages[how] ?? [])].join(" | "));
    }
  });
}

test("a module's changes stay, also if another import failed before", async (t) => {
  const source = `exports.handler = async (context, event, callback) => {
    await import("../lib/unlinked.mjs").catch(() => undefined);
    await import("../lib/adds.mjs");
    callback(null, { pid: process.pid, added: globalThis.added });
  };`;
  const adds = "globalThis.added = (globalThis.added ?? 0) + 1; export const word = 'adds';";
  const site = await serve(t, { ...files, "lib/adds.mjs": adds, "functions/load.js": source }, { spares: 0 });
  const first = (await site.call("/load")).json() as { pid: number; added: number };
  assert.equal(first.added, 1);
  for (let times = 0; times < 2; times++) assert.deepEqual((await site.call("/load")).json(), first);
});
