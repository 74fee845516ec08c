/** Ordinary programs make small changes to the realm. These do not end the isolate. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { serve } from "../site.ts";

const programs: Readonly<Record<string, string>> = {
  "a console": "console.log('a'); console.table([1]); console.error('b');",
  "process.stdout": "process.stdout.write('a');",
  "process.stdin": "process.stdin.isTTY; await new Promise((done) => setTimeout(done, 5));",
  channels:
    "const diagnostics = require('diagnostics_channel'); diagnostics.channel('a').publish({}); diagnostics.tracingChannel('b').traceSync(() => 1);",
  "blobs and marks":
    "URL.revokeObjectURL(URL.createObjectURL(new Blob(['a']))); performance.mark('c'); performance.clearMarks(); performance.clearMeasures();",
  scripts: "const vm = require('vm'); vm.runInNewContext('1'); vm.runInThisContext('(function () { return 1; })')();",
  "dates and numbers":
    "new Intl.DateTimeFormat('de').format(); new Intl.NumberFormat('en').format(1); new Date().toLocaleString();",
  encodings: "new TextDecoder().decode(new TextEncoder().encode('a')); btoa('a'); Buffer.from('a').toString('hex');",
  "URLs and clones":
    "new URL('http://a/b?c=d').searchParams.get('c'); structuredClone({ a: [1] }); new URLSearchParams({ a: 1 }).toString();",
  crypto:
    "require('crypto').randomUUID(); crypto.randomUUID(); await crypto.subtle.digest('SHA-256', new Uint8Array(3)); require('crypto').createHash('md5').update('a').digest();",
  compression: "require('zlib').gunzipSync(require('zlib').gzipSync('a'));",
  streams:
    "for await (const chunk of require('stream').Readable.from([1, 2])); await require('stream').promises.finished(require('stream').Readable.from([]).resume());",
  "web streams": "const stream = new Blob(['a']).stream(); for await (const chunk of stream); new File(['a'], 'b');",
  files:
    "await require('fs').promises.readFile(__filename); require('fs').statSync('/'); await require('fs/promises').stat('/');",
  "a thread":
    "await new Promise((done) => new (require('worker_threads').Worker)('0', { eval: true }).on('exit', done));",
  "a streamed file":
    "await new Promise((done) => require('fs').createReadStream(__filename).resume().on('close', done));",
  "a file closed after a write":
    "const { join } = require('path'), fs = require('fs'); const file = join(require('os').tmpdir(), `${process.pid}`); await new Promise((done) => fs.createWriteStream(file).end('a', done)); fs.unlinkSync(file);",
  "a file read by lines":
    "for await (const line of require('readline').createInterface({ input: require('fs').createReadStream(__filename) })) line.length;",
  "a fetch": "await (await fetch(event.url)).text();",
  "a fetch with its classes":
    "const headers = new Headers({ a: 'b' }); const form = new FormData(); form.set('a', 'b'); await (await fetch(event.url, { method: 'POST', headers, body: form })).text();",
  "a request":
    "await new Promise((done) => require('http').get(event.url, (response) => response.resume().on('end', done)));",
  "its own HTTP agent":
    "const agent = exports.agent ??= new (require('http').Agent)({ keepAlive: true }); await new Promise((done) => require('http').get(event.url, { agent }, (response) => response.resume().on('end', () => setImmediate(done))));",
  "a request that fails": "await new Promise((done) => require('https').get('https://127.0.0.1:1').on('error', done));",
  "a DNS lookup": "await require('dns').promises.lookup('localhost');",
  timers:
    "await require('timers/promises').setTimeout(1); await new Promise((done) => setTimeout(done, 1)); await new Promise(setImmediate);",
  storage: "new (require('async_hooks').AsyncLocalStorage)().run(1, () => 2);",
  emitters:
    "const emitter = new (require('events'))().setMaxListeners(0); emitter.on('a', () => {}); emitter.emit('a'); new EventTarget().addEventListener('a', () => {});",
  "aborted work": "const controller = new AbortController(); controller.abort(); AbortSignal.timeout(5).aborted;",
  performance:
    "performance.now(); performance.timeOrigin; performance.mark('a'); performance.measure('b', 'a'); new (require('perf_hooks').PerformanceObserver)(() => {}).disconnect();",
  "the process":
    "process.memoryUsage(); process.uptime(); process.hrtime.bigint(); process.cpuUsage(); process.report.directory; process.features; process.allowedNodeEnvironmentFlags.size; process.emitWarning('a');",
  "modules of Node":
    "for (const name of ['os', 'tty', 'dgram', 'readline', 'http2', 'worker_threads', 'v8', 'vm', 'perf_hooks', 'inspector', 'cluster', 'domain', 'repl', 'string_decoder', 'child_process', 'node:test', 'diagnostics_channel']) require(name);",
  "modules of Node, imported":
    "await import('node:os'); await import('node:tls'); (await import('node:fs/promises')).stat;",
  certificates: "require('tls').rootCertificates.length;",
  "regular expressions": "'a1'.replace(/(\\d)/, '$1'); /(a)/.exec('a');",
  errors: "try { JSON.parse('{'); } catch (error) { error.stack; } Error.captureStackTrace({});",
  "a Twilio client":
    "context.getTwilioClient().messages; new Twilio.twiml.VoiceResponse().say('a').toString(); new Twilio.Response().setBody('a');",
  "assets and functions": "Runtime.getAssets(); Runtime.getFunctions(); Twilio.jwt;",
  "a cache of module scope":
    "const cache = exports.cache ??= new Map(); cache.set(cache.size, event); exports.client ??= { settings: {} }; exports.client.settings.count = cache.size;",
  "a class that is created once":
    "exports.made ??= class Made extends Map { static count = 0; }; exports.made.count++;",
  navigator: "navigator.userAgent;",
  WebAssembly: "WebAssembly.validate(new Uint8Array(3)); Atomics.load(new Int32Array(1), 0);",
};

test("one isolate serves call after call of ordinary programs", async (t) => {
  const peer = createServer((request, response) => void request.resume().on("end", () => response.end("ok")));
  await new Promise<void>((resolve) => void peer.listen(0, "127.0.0.1", resolve));
  t.after(() => peer.close());
  t.after(() => peer.closeAllConnections());
  const url = encodeURIComponent(`http://127.0.0.1:${(peer.address() as AddressInfo).port}/`);
  const names = Object.keys(programs);
  const site = await serve(
    t,
    {
      ...Object.fromEntries(
        Object.values(programs).map((program, i) => [
          `functions/p${i}.js`,
          `exports.handler = async (context, event, callback) => { ${program}\n callback(null, process.pid); };`,
        ]),
      ),
      ".env": "ACCOUNT_SID=AC00000000000000000000000000000000\nAUTH_TOKEN=token\n",
    },
    { spares: 0 },
  );
  for (const [i, name] of names.entries()) {
    await t.test(name, async () => {
      const first = await site.call(`/p${i}?url=${url}`);
      assert.equal(first.status, 200, first.text);
      for (let call = 0; call < 2; call++) {
        assert.equal((await site.call(`/p${i}?url=${url}`)).text, first.text, JSON.stringify(site.ended.at(-1)));
      }
    });
  }
});
