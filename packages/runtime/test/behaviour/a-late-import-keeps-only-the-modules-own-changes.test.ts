/**
 * In one call, a handler loads a module for the first time and changes objects that all invocations share. The changes
 * of the module during its evaluation stay. The changes of the handler, before or after, do not.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { serve } from "../site.ts";

/** How the handler loads something, and which global later calls must find. */
const ways: Readonly<Record<string, { load: string; stays?: string }>> = {
  "a module of the project": { load: "require('../late.js')", stays: "lateAdded" },
  "a JSON file": { load: "require('../late.json')" },
  "a package": { load: "require('late-package')", stays: "packageAdded" },
  "an ES module, imported": { load: "await import('../late.mjs')", stays: "importAdded" },
  "an ES module that imports others": { load: "await import('../parent.mjs')", stays: "importAdded" },
  "a part of twilio's REST client": { load: "context.getTwilioClient().messages" },
  "a class of TwiML": { load: "new Twilio.twiml.VoiceResponse().say('Hello')" },
  "the package twilio": { load: "require('twilio')" },
  "an entry that the handler adds to require.cache": {
    load: "require.cache['/made-up.js'] = { exports: {}, loaded: true }",
  },
  "a module of Node": { load: "require('node:tls')" },
  "a module of Node, imported": { load: "await import('node:http2')" },
  "a module that sets a variable": { load: "require('../environment.js')", stays: "process.env.LATE" },
};

const files = {
  "late.js": "globalThis.lateAdded = (globalThis.lateAdded ?? 0) + 1; exports.word = 'late';",
  "late.json": "{}",
  "late.mjs": "globalThis.importAdded = (globalThis.importAdded ?? 0) + 1; export const word = 'late'; // the end",
  "parent.mjs": "import { word } from './late.mjs'; export default word;",
  "environment.js": "process.env.LATE = 'late';",
  "node_modules/late-package/package.json": '{ "name": "late-package", "version": "1.0.0" }',
  "node_modules/late-package/index.js": "globalThis.packageAdded = (globalThis.packageAdded ?? 0) + 1;",
  ".env": "ACCOUNT_SID=AC00000000000000000000000000000000\nAUTH_TOKEN=token\n",
};

for (const order of ["before", "after"] as const) {
  test(`the next call does not see a global that a handler sets ${order} it loads a module`, async (t) => {
    for (const [name, { load, stays = "undefined" }] of Object.entries(ways)) {
      await t.test(name, async (each) => {
        const change = "if (event.From) { sender = event.From; globalThis[Symbol.for('sender')] = event.From; }";
        const steps = order === "before" ? `${change} ${load};` : `${load}; ${change}`;
        const source = `exports.handler = async (context, event, callback) => {
          ${steps}
          const seen = typeof sender === 'undefined' ? 'none' : sender;
          callback(null, { pid: process.pid, seen, hidden: String(globalThis[Symbol.for('sender')]), stays: String(${stays}) });
        };`;
        const site = await serve(each, { ...files, "functions/late.js": source }, { spares: 0 });
        const call = async (query: string): Promise<Record<"seen" | "hidden" | "stays", string> & { pid: number }> =>
          (await site.call(`/late?${query}`)).json() as never;
        const first = await call("From=Alice");
        assert.equal(first.seen, "Alice");
        const second = await call("");
        assert.deepEqual(second, { ...first, seen: "none", hidden: "undefined" }, JSON.stringify(site.ended));
        assert.deepEqual(await call("From=Bob"), { ...first, seen: "Bob", hidden: "Bob" });
        assert.deepEqual(await call(""), second);
      });
    }
  });
}

test("a handler that replaces a built-in ends the isolate, also if it loads a module in the same call", async (t) => {
  const site = await serve(
    t,
    {
      ...files,
      "functions/late.js": `exports.handler = (context, event, callback) => {
        if (event.change) { Date.now = () => 0; require('../late.js'); require('tls').connect = () => {}; }
        callback(null, { now: Date.now() > 0, connect: require('tls').connect.length });
      };`,
    },
    { spares: 0 },
  );
  const before = (await site.call("/late")).json();
  await site.call("/late?change=1");
  assert.deepEqual((await site.call("/late")).json(), before);
  assert.match(site.ended[0]?.detail ?? "", /Date\.now was replaced, .*tls\.connect was replaced/);
});

test("a module's changes during its evaluation stay, and the isolate is reused", async (t) => {
  const site = await serve(
    t,
    {
      "mock.js":
        "const { now } = Date; Date.now = () => now() + 1e13; process.on('SIGUSR2', () => {}); setTimeout.mocked = true; setImmediate.prototype = { mocked: true };",
      "functions/late.js": `exports.handler = (context, event, callback) => {
        require('../mock.js');
        callback(null, { pid: process.pid, late: Date.now() > 1e13, mocked: setTimeout.mocked && setImmediate.prototype.mocked, listeners: process.listenerCount('SIGUSR2') });
      };`,
    },
    { spares: 0 },
  );
  const first = (await site.call("/late")).json();
  assert.deepEqual((first as { late: boolean }).late, true);
  for (let i = 0; i < 3; i++) assert.deepEqual((await site.call("/late")).json(), first, JSON.stringify(site.ended));
});
