import { testFaults, type Fault, type Faults } from "../fault.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { serve } from "../site.ts";

/** By name: the body of a handler that never replies. */
const hung: Readonly<Record<string, string>> = {
  "never calls back": "",
  "waits forever": "setInterval(() => {}, 1000);",
  "waits for a promise that never settles": "return new Promise(() => {});",
  "returns instead of calling back": "return Promise.resolve('ignored');",
  "loops forever": "while (true) {}",
  "loops in eval": "eval('for (;;) eval(\"1\")');",
  "loops in its own vm context": "require('vm').runInNewContext('while (true) {}');",
  "loops in promises": "(async () => { while (true) await null; })();",
  "loops in microtasks": "(function again() { queueMicrotask(again); })();",
  "loops in a regular expression": "/^(a+)+$/.test('a'.repeat(60) + 'b');",
  "loops in the payload's getter": "callback(null, { get a() { while (true) {} } });",
  "loops in toJSON": "callback(null, { toJSON() { while (true) {} } });",
  "loops in toString": "callback(null, { toString() { while (true) {} } });",
  "loops in the getter of an error": "callback({ get message() { while (true) {} } });",
  "blocks in a child process": "require('child_process').execSync('sleep 60');",
  "blocks in a computation": "require('crypto').pbkdf2Sync('a', 'b', 1e9, 32, 'sha256');",
  "blocks in a read without data": `
    const file = require('path').join(require('os').tmpdir(), 'offhook-fifo-' + process.pid);
    require('child_process').execSync('mkfifo ' + file);
    const fd = require('fs').openSync(file, 'r+');
    require('fs').unlinkSync(file);
    require('fs').readSync(fd, Buffer.alloc(1));`,
  "blocks in Atomics.wait": "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);",
  "fills the thread pool": `
    const { pbkdf2 } = require('crypto');
    for (let i = 0; i < 8; i++) pbkdf2('a', 'b', 1e9, 32, 'sha256', () => {});
    require('fs').readFile(__filename, () => callback(null, 'read'));`,
  "waits for a worker that loops": `
    const { Worker } = require('worker_threads');
    new Worker('while (true) {}', { eval: true }).on('exit', () => callback(null, 'exited'));`,
  "ignores signals and errors": `
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => {});
    process.exit = process.reallyExit = process.abort = () => {};
    while (true) {}`,
};

const handlers = Object.entries(hung).map(([name, does]): [string, Fault] => [
  name,
  { does, gets: "504 handler-timed-out", isolate: "timed-out", detail: /^after 700 ms, in process \d+$/ },
]);

/** A module that never finishes loading does not stop the other functions from loading. */
const modules: Faults = {
  "loops at module scope": {
    does: "while (!globalThis.never) {} exports.handler = () => {};",
    gets: "504 handler-timed-out",
    isolate: "timed-out",
    next: "the same",
  },
};

testFaults(
  "a handler that does not reply in time gets a 504, and other calls are not affected",
  Object.fromEntries(handlers),
  {
    timeout: 700,
  },
);
testFaults("module scope that never ends costs only its own function", modules, { timeout: 700 });

test("a handler may wait within the limit", async (t) => {
  const site = await serve(t, { "functions/wait.js": "setTimeout(() => callback(null, 'waited'), 500)" });
  assert.equal((await site.call("/wait")).text, "waited");
});
