import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { serve } from "../site.ts";

/** Counts the calls that this isolate has had: 1 means that it was fresh. */
const counting = (body: string): string =>
  `let calls = 0; exports.handler = async (context, event, callback) => { calls++; ${body} };`;

const tidy = {
  "a reply at once": "callback(null, calls);",
  "a reply after a promise": "await null; callback(null, calls);",
  "a timer that has fired": "setTimeout(() => callback(null, calls), 5);",
  "a timer that was cleared": "clearTimeout(setTimeout(() => {}, 5000)); callback(null, calls);",
  "a file that was read": "await require('fs').promises.readFile(__filename); callback(null, calls);",
  "a hash that was computed":
    "await require('util').promisify(require('crypto').pbkdf2)('a', 'b', 1000, 32, 'sha256'); callback(null, calls);",
  "crypto that ran synchronously": `
    const crypto = require('crypto');
    crypto.randomUUID(); crypto.randomBytes(16); crypto.randomInt(5); crypto.pbkdf2Sync('a', 'b', 10, 32, 'sha256');
    globalThis.crypto.getRandomValues(new Uint8Array(8)); crypto.scryptSync('a', 'b', 32);
    callback(null, calls);`,
  "a connection that Node itself is still closing": `
    try { await fetch('https://localhost:1/'); } catch { callback(null, calls); }`,
  "a TLS connection that failed": `
    require('tls').connect({ host: '127.0.0.1', port: Number(new URL(event.url).port) })
      .on('error', () => {}).on('close', () => callback(null, calls));`,
  "a variable without its const": "forgotten = event.url; callback(null, calls);",
  "data that was compressed": "await require('util').promisify(require('zlib').gzip)('a'); callback(null, calls);",
  "a fetch with a time limit":
    "await (await fetch(event.url, { signal: AbortSignal.timeout(60000) })).text(); callback(null, calls);",
  "an idle keep-alive connection": `
    const agent = exports.agent ??= new (require('http').Agent)({ keepAlive: true });
    require('http').get(event.url, { agent }, (response) => {
      response.resume();
      response.on('end', () => setImmediate(() => callback(null, calls)));
    });`,
  "a promise that never settles": "new Promise(() => {}); callback(null, calls);",
  "a changed environment variable": "process.env.ADDED = 'x'; callback(null, calls);",
  "a changed working directory": "process.chdir('/'); callback(null, calls);",
};

test("module scope is kept while nothing of an invocation is left", async (t) => {
  const peer = createServer((_, response) => void response.end("ok"));
  await new Promise<void>((resolve) => void peer.listen(0, "127.0.0.1", resolve));
  t.after(() => peer.close());
  t.after(() => peer.closeAllConnections());
  const url = encodeURIComponent(`http://127.0.0.1:${(peer.address() as AddressInfo).port}/`);

  for (const [name, body] of Object.entries(tidy)) {
    await t.test(name, async (each) => {
      const site = await serve(each, { "functions/count.js": counting(body) }, { spares: 0 });
      for (const expected of ["1", "2", "3"]) {
        assert.equal((await site.call(`/count?url=${url}`)).text, expected, JSON.stringify(site.ended));
      }
    });
  }
});

test("the environment and the working directory are put back", async (t) => {
  const site = await serve(
    t,
    {
      "functions/change.js":
        "process.env.ADDED = 'x'; process.env.KEPT = 'changed'; delete process.env.GONE; process.chdir('/'); callback(null, process.pid);",
      "functions/see.js":
        "const { ADDED, KEPT, GONE } = process.env; callback(null, { ADDED, KEPT, GONE, cwd: process.cwd(), pid: process.pid });",
      ".env": "KEPT=kept\nGONE=back",
    },
    { spares: 0 },
  );
  const before = (await site.call("/see")).json() as { cwd: string; pid: number };
  assert.equal(Number((await site.call("/change")).text), before.pid);
  assert.deepEqual((await site.call("/see")).json(), { KEPT: "kept", GONE: "back", cwd: before.cwd, pid: before.pid });
});

test("what a handler puts into the globals is gone afterwards", async (t) => {
  const site = await serve(
    t,
    {
      "functions/leak.js":
        "const before = typeof globalThis.leaked; globalThis.leaked = event.secret; callback(null, [before, process.pid]);",
    },
    { spares: 0 },
  );
  const first = (await site.call("/leak?secret=x")).json() as [string, number];
  const second = (await site.call("/leak")).json() as [string, number];
  assert.deepEqual(first, second, `the same process, and nothing to see; ended: ${JSON.stringify(site.ended)}`);
  assert.equal(second[0], "undefined");
});

test("a package that extends the language when it is first loaded does not cost the isolate", async (t) => {
  const site = await serve(
    t,
    {
      "polyfill.js":
        "Array.prototype.lastOne ??= function () { return this[this.length - 1]; }; globalThis.polyfilled = true;",
      "functions/late.js": counting("require('../polyfill.js'); callback(null, calls * [1].lastOne());"),
    },
    { spares: 0 },
  );
  assert.equal((await site.call("/late")).text, "1");
  assert.equal((await site.call("/late")).text, "2");
});
