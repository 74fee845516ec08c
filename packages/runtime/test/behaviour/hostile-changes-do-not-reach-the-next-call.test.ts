/**
 * Isolates are reused. Later calls must not see what a function changed in the language, in the process and in Node's
 * modules. After each row, `hello` of `fault.ts` runs. It uses the objects that the row breaks.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { serve } from "../site.ts";
import { testFaults, type Fault, type Faults } from "../fault.ts";

/** Code → the change that the log names. */
const changes: Readonly<Record<string, RegExp>> = {
  "JSON.stringify = () => 'gotcha'": /^JSON.stringify was replaced$/,
  "JSON.parse = () => 'gotcha'": /^JSON.parse was replaced$/,
  "globalThis.Promise = class extends Promise {}": /^globalThis.Promise was replaced$/,
  "Promise.prototype.then = () => {}": /^Promise.prototype.then was replaced$/,
  "Array.prototype.push = () => 0": /^Array.prototype.push was replaced$/,
  "Array.prototype.shift = () => {}": /^Array.prototype.shift was replaced$/,
  "Array.prototype.map = Array.prototype.filter = () => { throw 1 }": /filter was replaced, .*map was replaced$/,
  "Array.prototype[Symbol.iterator] = function* () {}": /Symbol\(Symbol.iterator\) was replaced$/,
  "Object.getPrototypeOf([][Symbol.iterator]()).next = () => ({ done: true })":
    /^\(array iterator\).next was replaced$/,
  "Object.defineProperty(Array.prototype, '0', { set() {} })": /./,
  "Object.prototype.polluted = 1": /^Object.prototype.polluted was added$/,
  "Object.defineProperty(Object.prototype, 'get', { get: () => () => 'gotcha', configurable: true })":
    /^Object.prototype.get was replaced$/,
  "Object.defineProperty(Object.prototype, 'kind', { get: () => 'x', set() {}, configurable: true })":
    /^Object.prototype.kind was replaced$/,
  "Object.prototype.toJSON = () => 'gotcha'": /Object.prototype.toJSON was/,
  "Object.prototype.then = (resolve) => {}": /Object.prototype.then was/,
  "setTimeout = () => {}": /^globalThis.setTimeout was replaced$/,
  "clearTimeout = () => {}": /^globalThis.clearTimeout was replaced$/,
  "parseInt = () => 1": /^globalThis.parseInt was replaced$/,
  "Buffer.from = () => Buffer.alloc(3)": /^Buffer.from was replaced$/,
  "Buffer.prototype.write = () => 0": /^Buffer.prototype.write was replaced$/,
  "Object.getPrototypeOf(Uint8Array.prototype).subarray = () => Buffer.alloc(0)": /subarray was replaced$/,
  "Map.prototype.get = () => {}": /^Map.prototype.get was replaced$/,
  "Map.prototype.set = () => { throw new Error('no') }": /^Map.prototype.set was replaced$/,
  "Set.prototype.delete = () => { throw new Error('no') }": /^Set.prototype.delete was replaced$/,
  "Object.defineProperty(Set.prototype, 'size', { get: () => 5 })": /^Set.prototype.size was replaced$/,
  "Function.prototype.call = () => {}": /^Function.prototype.call was replaced$/,
  "Reflect.apply = () => {}": /^Reflect.apply was replaced$/,
  "String.prototype.split = () => []": /^String.prototype.split was replaced$/,
  "RegExp.prototype.exec = () => null": /^RegExp.prototype.exec was replaced$/,
  "Error.prepareStackTrace = () => { throw 1 }": /^Error.prepareStackTrace was replaced$/,
  "Error.stackTraceLimit = 0": /^Error.stackTraceLimit was replaced$/,
  "Date = class extends Date { constructor() { super(0) } }": /^globalThis.Date was replaced$/,
  "performance.now = Date.now = () => 0": /^Date.now was replaced/,
  "process.emit = () => true": /^process.emit was replaced$/,
  "process.env = {}": /^process.env was replaced$/,
  "process.cwd = () => '/nowhere'": /^process.cwd was replaced$/,
  "process.nextTick = () => {}": /^process.nextTick was replaced$/,
  "process.getActiveResourcesInfo = () => []": /^process.getActiveResourcesInfo was replaced$/,
  "process.listenerCount = () => 0": /^process.listenerCount was replaced$/,
  "process.removeAllListeners()": /^a listener for "\w+" on the process$/,
  "process.on('uncaughtException', () => {})": /^a listener for "uncaughtException" on the process$/,
  "process.on('SIGUSR2', () => {})": /^a listener for "SIGUSR2" on the process$/,
  "process.setUncaughtExceptionCaptureCallback(() => {})": /^a listener for "uncaughtException" on the process$/,
  "require('events').prototype.emit = () => true": /^EventEmitter.prototype.emit was replaced$/,
  "require('fs').readFileSync = () => 'gotcha'": /^fs.readFileSync was replaced$/,
  "require('path').join = () => 'gotcha'": /^path.join was replaced$/,
  "require('module')._load = () => ({})": /^Module._load was replaced$/,
  "console = {}": /^globalThis.console was replaced$/,
  "console.log = () => {}": /^console.log was replaced$/,
  "delete globalThis.structuredClone": /^global structuredClone was removed$/,
  "Runtime.getFunctions = () => ({})": /^Runtime.getFunctions was replaced$/,
  "Object.freeze(console)": /^console was frozen$/,
  "Object.freeze(process)": /^process was frozen$/,
  "Object.freeze(Error)": /^Error was frozen$/,
  "Object.freeze(Array.prototype)": /^Array.prototype was frozen$/,
  "Object.freeze(Object.prototype)": /^Object.prototype was frozen$/,
  "Object.preventExtensions(globalThis)": /^globalThis was frozen$/,
};

const afterwards = Object.entries(changes).map(([code, why]): [string, Fault] => [
  code,
  { does: `callback(null, 'done'); ${code}`, gets: "200", body: "done", isolate: "leftovers", why },
]);
testFaults("later calls do not see what a function breaks after callback()", Object.fromEntries(afterwards));

/** Offhook's own code in the isolate must work with these changes until it has replied. */
const broken: Faults = {
  "Array.prototype.push": { does: "Array.prototype.push = () => 0;", gets: "200", body: "done", isolate: "leftovers" },
  "Promise.prototype.then": {
    does: "Promise.prototype.then = () => {};",
    gets: "200",
    body: "done",
    isolate: "leftovers",
  },
  "Map.prototype.set": {
    does: "Map.prototype.set = () => { throw 1 };",
    gets: "200",
    body: "done",
    isolate: "leftovers",
  },
  "process.emit and console.log": {
    does: "process.emit = console.log = () => {};",
    gets: "200",
    body: "done",
    isolate: "leftovers",
  },
  "Buffer.from": { does: "Buffer.from = () => Buffer.alloc(3);", gets: "200", body: "\0\0\0", isolate: "leftovers" },
  "Object.prototype.toJSON": {
    does: "Object.prototype.toJSON = () => 'gotcha';",
    gets: "500 isolate-crashed",
    isolate: "protocol-broken",
    why: /it sent an invalid message/,
  },
  "Buffer.prototype.write": {
    does: "Buffer.prototype.write = () => 0;",
    gets: "500 isolate-crashed",
    isolate: "protocol-broken",
    why: /it sent a frame whose head is not JSON/,
  },
  "a method of buffers that throws": {
    does: "Buffer.prototype.writeUInt32BE = () => { throw 1 };",
    gets: "500 isolate-crashed",
    isolate: "crashed",
    why: /signal SIGKILL/,
  },
  "writes that lose bytes": {
    does: "Buffer.prototype.subarray = () => Buffer.alloc(0);",
    gets: "500 isolate-crashed",
    isolate: "protocol-broken",
    why: /as settled that has no reply/,
  },
};
testFaults(
  "a function that breaks something before callback() loses at most its own reply, and soon",
  Object.fromEntries(
    Object.entries(broken).map(([name, fault]) => [name, { ...fault, does: `${fault.does} callback(null, 'done')` }]),
  ),
);

/** Changes that touch only the invocation, or that Offhook undoes. The isolate is reused. */
const harmless: Readonly<Record<string, string>> = {
  "its own working directory": "process.chdir('/');",
  "a removed working directory":
    "const fs = require('fs'); process.chdir(fs.mkdtempSync('/tmp/offhook-gone-')); fs.rmdirSync(process.cwd());",
  "process.exitCode": "process.exitCode = 7;",
  "its environment": "process.env.TZ = 'Asia/Tokyo'; delete process.env.KEPT;",
  "destroyed streams of the process": "process.stdout.destroy(); process.stderr.destroy();",
  "ended streams of the process": "process.stdout.end('bye'); process.stderr.end();",
  "a replaced write of a stream": "process.stdout.write = () => true;",
  "an emptied require.cache": "for (const key of Object.keys(require.cache)) delete require.cache[key];",
  "its handler, replaced while it runs":
    "require(__filename).handler = () => {}; require.cache[__filename].exports = { handler() {} };",
  "a thousand listeners on its own emitter":
    "const e = new (require('events'))().setMaxListeners(0); for (let i = 0; i < 1000; i++) e.on('a', () => {});",
  "its own vm context": "require('vm').runInNewContext('Array.prototype.push = 1; Object.freeze(Object.prototype)');",
  "globals without a declaration": "forgotten = 1; globalThis.other = 2;",
};

test("changes that can be undone are undone, and the isolate is reused", async (t) => {
  const look = `
    console.log('seen');
    process.stdout.write('raw\\n');
    const { env, exitCode } = process;
    callback(null, [process.pid, process.cwd(), env.KEPT, env.TZ, String(exitCode), typeof forgotten, typeof other]);`;
  for (const [name, code] of Object.entries(harmless)) {
    await t.test(name, async (each) => {
      const site = await serve(
        each,
        {
          "functions/change.js": `module['exports'].handler = (context, event, callback) => { ${code} callback(null, 'changed'); };`,
          "functions/look.js": look,
          ".env": "KEPT=kept",
        },
        { spares: 0 },
      );
      const before = (await site.call("/look")).json();
      assert.equal((await site.call("/change")).text, "changed");
      assert.equal((await site.call("/change")).text, "changed");
      site.output.length = 0;
      assert.deepEqual((await site.call("/look")).json(), before, JSON.stringify(site.ended));
      assert.deepEqual(
        site.output.map(({ text }) => text),
        ["seen", "raw"],
      );
    });
  }
});
