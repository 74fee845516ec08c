import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { createServer as createTcpServer, type AddressInfo, type Server } from "node:net";
import { test } from "node:test";
import { serve } from "../site.ts";

/** Counts the calls of this isolate. 1 means a fresh isolate. */
const counting = (body: string): string =>
  `let calls = 0; exports.handler = async (context, event, callback) => { calls++; ${body} };`;

const tidy = {
  "an immediate reply": "callback(null, calls);",
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
  "a connection that fetch keeps open": "await (await fetch(event.url)).text(); callback(null, calls);",
  "an unreferenced idle HTTP/2 connection": `
    const session = exports.session ??= require('http2').connect(event.http2);
    session.ref();
    const stream = session.request({ ':path': '/' });
    stream.resume();
    stream.on('close', () => { session.unref(); callback(null, calls); });`,
  "a connection that was closed": `
    const socket = require('net').connect(new URL(event.url).port, '127.0.0.1', () => socket.destroy());
    socket.on('close', () => callback(null, calls));`,
  "an awaited operation of WebCrypto": `
    await globalThis.crypto.subtle.digest('SHA-256', Buffer.from('a'));
    const aes = await globalThis.crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt']);
    await globalThis.crypto.subtle.encrypt({ name: 'AES-GCM', iv: Buffer.alloc(12) }, aes, Buffer.from('a'));
    callback(null, calls);`,
  "keys and signatures that were made synchronously": `
    const crypto = require('crypto');
    const { privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
    crypto.sign('sha256', Buffer.from('a'), privateKey);
    crypto.generatePrimeSync(32); crypto.checkPrimeSync(7n); crypto.hkdfSync('sha256', 'a', 'b', 'c', 16);
    callback(null, calls);`,
  "WebAssembly that was compiled": `
    const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
    await WebAssembly.compile(bytes);
    await WebAssembly.instantiate(bytes);
    callback(null, calls);`,
  "WebAssembly that is invalid": `
    const error = await WebAssembly.compile(new Uint8Array(8)).catch((each) => each);
    callback(null, error instanceof WebAssembly.CompileError ? calls : 0);`,
  "an Atomics.waitAsync that has ended": `
    const wait = Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    callback(null, (await wait.value) === 'timed-out' ? calls : 0);`,
  "an Atomics.waitAsync that did not wait": `
    callback(null, Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 1).value === 'not-equal' ? calls : 0);`,
  "message ports without a listener": "new MessageChannel(); callback(null, calls);",
  "message ports that were closed": `
    const { port1, port2 } = new MessageChannel();
    port1.on('message', () => { port1.close(); setImmediate(() => callback(null, calls)); });
    port2.postMessage(0);`,
  "a file watcher that was closed": "require('fs').watch(__dirname).close(); callback(null, calls);",
  "a lock that was released": `
    if ('locks' in navigator) await navigator.locks.request('a', async () => { await null; });
    callback(null, calls);`,
  "a compression stream that was read": `
    const { readable, writable } = new CompressionStream('gzip');
    const writer = writable.getWriter();
    writer.write(Buffer.from('a'));
    writer.close();
    for await (const _ of readable);
    callback(null, calls);`,
  "a time limit of AbortSignal that is still pending": `
    AbortSignal.timeout(60000).addEventListener('abort', () => {});
    callback(null, calls);`,
  "a promise that never settles": "new Promise(() => {}); callback(null, calls);",
  "a changed environment variable": "process.env.ADDED = 'x'; callback(null, calls);",
  "a changed working directory": "process.chdir('/'); callback(null, calls);",
};

test("module scope is kept while invocations leave nothing", async (t) => {
  const peer = createServer((_, response) => void response.end("ok"));
  await new Promise<void>((resolve) => void peer.listen(0, "127.0.0.1", resolve));
  t.after(() => peer.close());
  t.after(() => peer.closeAllConnections());
  const peer2 = createHttp2Server((_, response) => void response.end("ok"));
  await new Promise<void>((resolve) => void peer2.listen(0, "127.0.0.1", resolve));
  t.after(() => void peer2.close());
  const url = encodeURIComponent(urlOf(peer)) + `&http2=${encodeURIComponent(urlOf(peer2))}`;

  for (const [name, body] of Object.entries(tidy)) {
    await t.test(name, async (each) => {
      const site = await serve(each, { "functions/count.js": counting(body) }, { spares: 0 });
      for (const expected of ["1", "2", "3"]) {
        assert.equal((await site.call(`/count?url=${url}`)).text, expected, JSON.stringify(site.ended));
      }
    });
  }
});

/** Work that a module starts when it is loaded. It runs between the handlers. */
const modules = {
  "an interval with timers, files, promises and a resource in it": `
    const { AsyncLocalStorage, AsyncResource } = require('async_hooks');
    const fs = require('fs');
    const snapshot = AsyncLocalStorage.snapshot();
    const resource = new AsyncResource('refresh');
    setInterval(async () => {
      setTimeout(() => {}, 50);
      snapshot(() => setTimeout(() => {}, 50));
      await fs.promises.stat(__filename);
      resource.runInAsyncScope(() => setTimeout(() => setTimeout(() => {}, 50), 1));
      await globalThis.crypto.subtle.digest('SHA-256', Buffer.from('a'));
      setTimeout(() => {}, 50).unref();
      setImmediate(() => setTimeout(() => {}, 50));
    }, 2);`,
  "an unreferenced interval": "setInterval(() => { setTimeout(() => {}, 50).unref(); }, 2).unref();",
  "a server with a client": `
    const net = require('net');
    const server = net.createServer((socket) => { setInterval(() => socket.write('x'), 5); }).listen(0, () => {
      net.connect(server.address().port).on('data', () => setTimeout(() => {}, 20));
    });`,
  "a message port": `
    const { port1, port2 } = new MessageChannel();
    port1.on('message', () => setTimeout(() => port2.postMessage(0), 2)).unref();
    port2.postMessage(0);`,
  "a wait that ends while a handler runs": `
    (async () => { while (true) {
      await Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3).value;
      await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    } })();`,
};

test("work that module scope started continues, and the isolate is reused", async (t) => {
  const handler =
    "let calls = 0; exports.handler = (c, e, callback) => { setTimeout(() => callback(null, ++calls), 25); };";
  for (const [name, moduleScope] of Object.entries(modules)) {
    await t.test(name, async (each) => {
      const site = await serve(each, { "functions/count.js": `${moduleScope}\n${handler}` }, { spares: 0 });
      for (const expected of ["1", "2", "3", "4", "5"]) {
        assert.equal((await site.call("/count")).text, expected, JSON.stringify(site.ended));
      }
    });
  }
});

/** Like a database client: it connects when its module is loaded, and answers one query after the other. */
const client = `
  const net = require('net');
  const waiting = [];
  const socket = net.connect(Number(process.env.PEER), '127.0.0.1');
  socket.on('data', (data) => { for (const _ of String(data)) waiting.shift()?.(); });
  exports.query = () => new Promise((resolve) => { waiting.push(resolve); socket.write('q'); });`;

test("a connection of module scope serves one invocation after the other", async (t) => {
  const peer = createTcpServer((socket) => {
    t.after(() => socket.destroy());
    socket.on("error", () => {}).on("data", (data) => void socket.write(data));
  });
  await new Promise<void>((resolve) => void peer.listen(0, "127.0.0.1", resolve));
  t.after(() => peer.close());
  const files = {
    "client.js": client,
    "functions/count.js": `const { query } = require('../client.js'); ${counting("await query(); await query(); callback(null, calls);")}`,
    ".env": `PEER=${(peer.address() as AddressInfo).port}`,
  };
  const site = await serve(t, files, { spares: 0 });
  for (const expected of ["1", "2", "3"]) {
    assert.equal((await site.call("/count")).text, expected, JSON.stringify(site.ended));
  }
});

test("a timeout signal of AbortSignal ends with its invocation", async (t) => {
  const site = await serve(
    t,
    {
      "functions/limit.js": `
        let aborted = 0;
        exports.handler = async (context, event, callback) => {
          if (event.waits) await new Promise((resolve) => setTimeout(resolve, 200));
          else AbortSignal.timeout(100).addEventListener('abort', () => void aborted++);
          callback(null, { aborted, pid: process.pid });
        };`,
    },
    { spares: 0 },
  );
  const first = (await site.call("/limit")).json() as { pid: number };
  assert.deepEqual((await site.call("/limit?waits=1")).json(), { aborted: 0, pid: first.pid });
});

test("wrapped built-ins look as they did before", async (t) => {
  const look = `
    const seen = {};
    for (const [owner, name] of [[WebAssembly, 'compile'], [WebAssembly, 'instantiate'], [Atomics, 'waitAsync']]) {
      const { value, ...flags } = Object.getOwnPropertyDescriptor(owner, name);
      seen[name] = [value.name, value.length, Object.keys(flags).map((key) => flags[key]), Reflect.ownKeys(value),
        String(value).includes('[native code]'), Object.getPrototypeOf(value) === Function.prototype];
      try { new value(); } catch (error) { seen[name].push(error.name); }
    }`;
  const site = await serve(t, { "functions/look.js": `${look} callback(null, seen);` });
  const seen = (await site.call("/look")).json();
  assert.deepEqual(
    seen,
    JSON.parse(execFileSync(process.execPath, ["-p", `${look} JSON.stringify(seen)`], { encoding: "utf8" })),
  );
});

test("an unhandled rejection is still unhandled", async (t) => {
  const site = await serve(t, {
    "functions/rejects.js": "WebAssembly.compile(new Uint8Array(8));",
    "functions/handles.js": "WebAssembly.compile(new Uint8Array(8)).catch((error) => callback(null, error.name));",
  });
  assert.equal((await site.call("/rejects")).status, 500);
  assert.equal((await site.call("/handles")).text, "CompileError");
});

test("the environment and the working directory are restored", async (t) => {
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

test("globals that a handler adds are removed", async (t) => {
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

test("a package that extends built-ins when it is first loaded does not end the isolate", async (t) => {
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

function urlOf(peer: Server): string {
  return `http://127.0.0.1:${(peer.address() as AddressInfo).port}/`;
}
