/**
 * The setting `hardened` puts each isolate under Node's permission model. Offhook closes the gaps that the model has.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { ask, probe } from "../probe.ts";
import { serve, until } from "../site.ts";

const denied = "ERR_ACCESS_DENIED";
const forbidden: Readonly<Record<string, readonly [string, string]>> = {
  "to write to the project": ["require('fs').writeFileSync('functions/new.js', '')", denied],
  "to write to the folder of temporary files": ["require('fs').writeFileSync('/tmp/offhook-x', '')", denied],
  "to make a folder": ["require('fs').mkdirSync('made')", denied],
  "to remove a file": ["require('fs').rmSync('functions/probe.js')", denied],
  "to link out of the scratch folder": ["require('fs').symlinkSync('/etc', require('os').tmpdir() + '/link')", denied],
  "to read files outside the project": ["require('fs').readFileSync('/etc/passwd')", denied],
  "to read another process": ["require('fs').readFileSync('/proc/' + process.ppid + '/environ')", denied],
  "to start a process": ["require('child_process').execSync('true')", denied],
  "to become another program": ["process.execve('/bin/true', [], {})", denied],
  "to start a thread": ["new (require('worker_threads').Worker)('', { eval: true })", denied],
  "to load native code": [
    "process.dlopen({ exports: {} }, '/usr/lib/x86_64-linux-gnu/libc.so.6')",
    "ERR_DLOPEN_DISABLED",
  ],
  "to use internals of Node": ["process.binding('fs')", denied],
  "to open a debugger": ["require('inspector').open(0)", denied],
  "to open a debugger in another process": ["process._debugProcess(process.ppid)", denied],
  "to signal another process": ["process.kill(process.ppid, 0)", denied],
  "to signal all processes": ["process.kill(-1, 0)", denied],
  "to signal through process._kill": ["process._kill(process.ppid, 0)", denied],
  "to open a database file": ["require('node:sqlite')", "ERR_UNKNOWN_BUILTIN_MODULE"],
  "to run WebAssembly with a system interface": ["new (require('wasi').WASI)({ version: 'preview1' })", denied],
  "to change flags of V8": ["require('v8').setFlagsFromString('--allow-natives-syntax')", denied],
  "to write a heap snapshot": ["require('v8').writeHeapSnapshot('/tmp/offhook-heap')", denied],
  "to write a report": ["process.report.writeReport('/tmp/offhook-report')", denied],
};

const allowed: Readonly<Record<string, readonly [string, unknown]>> = {
  "to write to its scratch folder": [
    "const fs = require('fs'), file = require('os').tmpdir() + '/a'; fs.writeFileSync(file, 'x'); fs.readFileSync(file, 'utf8')",
    "x",
  ],
  "to read the project": ["require('fs').readFileSync('functions/data.txt', 'utf8')", "data"],
  "to read a private asset": ["Runtime.getAssets()['/secret.txt'].open()", "asset"],
  "to load a package": ["require('small').answer", 42],
  "to load another function": ["typeof require(Runtime.getFunctions()['hello'].path).handler", "function"],
  "to make TwiML": ["new Twilio.twiml.MessagingResponse().toString().length > 20", true],
  "to use the REST client": ["Twilio('AC' + 'x'.repeat(32), 'token').accountSid.length", 34],
  "to see its variables": ["context.OWN", "own"],
  "to end itself": ["typeof process.kill(process.pid, 0)", "boolean"],
};

const files = {
  ...probe,
  "functions/hello.js": "callback(null, 'hello')",
  "functions/data.txt": "data",
  "functions/fetches.js": "fetch(event.url).then((r) => r.text()).then((text) => callback(null, text), callback);",
  "functions/throws.js": "throw new Error('an error has its stack');",
  "assets/secret.private.txt": "asset",
  "node_modules/small/package.json": '{ "name": "small", "main": "index.js" }',
  "node_modules/small/index.js": "exports.answer = 42;",
  ".env": "OWN=own",
};

test("a hardened isolate", async (t) => {
  const site = await serve(t, files, { hardened: true });
  for (const [what, [code, refusal]] of Object.entries(forbidden)) {
    await t.test(`is not allowed ${what}`, async () => {
      assert.deepEqual(await ask(site, code), { code: refusal });
    });
  }
  for (const [what, [code, value]] of Object.entries(allowed)) {
    await t.test(`is allowed ${what}`, async () => {
      assert.deepEqual(await ask(site, code), { value });
    });
  }
  await t.test("is allowed to use the network", async () => {
    const { text } = await site.call("/fetches", { form: { url: `${site.url}/hello` } });
    assert.equal(text, "hello");
  });
  await t.test("fails like other isolates", async () => {
    const answer = await site.call("/throws");
    assert.equal(answer.status, 500);
    assert.deepEqual(answer.json(), { message: "an error has its stack", name: "Error" });
    assert.match(site.requests.at(-1)?.detail ?? "", /throws\.js:2/);
  });
});

test("the scratch folder is removed with its isolate, whatever it contains", async (t) => {
  const site = await serve(t, files, { hardened: true, spares: 0 });
  const own = `
    const fs = require('fs'), folder = require('os').tmpdir();
    fs.mkdirSync(folder + '/deep/er', { recursive: true });
    fs.writeFileSync(folder + '/deep/er/file', 'x');
    folder`;
  const { value: folder } = (await ask(site, own)) as { value: string };
  assert.ok(existsSync(folder));
  const base = dirname(folder);
  assert.match(base, /\/offhook-scratch-\w+$/);
  await site.server.kill();
  await until("it is gone, and the folder of its server too", () => !existsSync(base));
});

test("a missing temporary folder is a 503, and the next call works once the folder exists", async (t) => {
  const site = await serve(t, files, { hardened: true, spares: 0 });
  const { TMPDIR } = process.env;
  process.env["TMPDIR"] = "/nowhere";
  t.after(() => {
    if (TMPDIR === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = TMPDIR;
  });
  const refused = await site.call("/hello");
  assert.equal(refused.status, 503);
  assert.equal(refused.headers["x-offhook-error"], "isolate-not-started");
  process.env["TMPDIR"] = "/tmp";
  assert.equal((await site.call("/hello")).text, "hello");
});

test("a hardened isolate cannot read invocations that wait for it", async (t) => {
  const listen = `
    const fs = require('fs');
    exports.handler = (context, event, callback) => {
      if (event.turn !== 'bad') return callback(null, event.turn);
      const until = Date.now() + 200;
      let seen = 0;
      while (Date.now() < until) try { seen += fs.readSync(3, Buffer.alloc(65536)); } catch {}
      callback(null, { seen });
    };`;
  const site = await serve(t, { "functions/listen.js": listen }, { hardened: true, concurrency: Infinity });
  for (let i = 0; i < 20; i++) await site.call(`/listen?turn=${i}`);
  const turns = ["bad", ...Array.from({ length: 12 }, (_, i) => `turn${i}`)];
  const answers = await Promise.all(turns.map((turn) => site.call(`/listen?turn=${turn}`)));
  assert.deepEqual(
    answers.map(({ text }) => text),
    ['{"seen":0}', ...turns.slice(1)],
  );
});

test("without hardened, functions may write files and start processes", async (t) => {
  const site = await serve(t, files);
  const written = await ask(
    site,
    "require('fs').writeFileSync('written', 'x'); require('child_process').execSync('cat written').toString()",
  );
  assert.deepEqual(written, { value: "x" });
});
