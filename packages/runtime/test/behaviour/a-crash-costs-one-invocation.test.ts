import assert from "node:assert/strict";
import { test } from "node:test";
import { serve, until } from "../site.ts";

const crashes = {
  "process.exit()": ["process.exit(0)", "process-exited"],
  "process.exit() later": ["setTimeout(() => process.exit(7), 10)", "process-exited"],
  "process.abort()": ["process.abort()", "process-exited"],
  "a kill of its own process": ["process.kill(process.pid, 'SIGKILL')", "process-exited"],
  "a kill of its own group": ["process.kill(0, 'SIGKILL')", "process-exited"],
  "a kill from elsewhere": [
    "require('child_process').spawn('kill', ['-SEGV', String(process.pid)])",
    "isolate-crashed",
  ],
  "a heap that is full": ["const all = []; for (;;) all.push(new Array(1000).fill(all.length));", "out-of-memory"],
  "one array that grows": ["const all = []; for (let i = 0; ; i++) all[i] = i + 0.5;", "out-of-memory"],
  "buffers outside the heap": ["const all = []; setInterval(() => all.push(Buffer.alloc(3e7, 1)), 5)", "out-of-memory"],
  "bytes that are not of the protocol": ["require('fs').writeSync(4, Buffer.alloc(64, 255))", "isolate-crashed"],
  "a closed pipe": ["require('fs').closeSync(4); callback(null, 'lost')", "isolate-crashed"],
} as const;

test("a crash costs one invocation", async (t) => {
  const functions = Object.values(crashes).map(([code], i) => [
    `functions/crash${i}.js`,
    `console.log('last words'); ${code}`,
  ]);
  const site = await serve(
    t,
    {
      ...Object.fromEntries(functions),
      "functions/slow.js": "setTimeout(() => callback(null, 'slow'), 200)",
    },
    { memory: 64, timeout: 8000 },
  );
  for (const [i, [name, [, code]]] of Object.entries(crashes).entries()) {
    await t.test(name, async () => {
      const [answer, beside] = await Promise.all([site.call(`/crash${i}`), site.call("/slow")]);
      assert.equal(answer.status, 500);
      assert.equal(answer.headers["x-offhook-error"], code, answer.text);
      assert.equal(beside.text, "slow");
      await until("its last words are in the log", () =>
        site.output.some((line) => line.function === `crash${i}` && line.text === "last words"),
      );
      assert.equal((await site.call("/slow")).text, "slow");
    });
  }
});

test("an isolate that is killed between invocations is replaced", async (t) => {
  const site = await serve(t, { "functions/pid.js": "callback(null, process.pid)" });
  const pid = Number((await site.call("/pid")).text);
  process.kill(pid, "SIGKILL");
  await until("its end was noticed", () => site.ended.some((end) => end.pid === pid));
  assert.notEqual(Number((await site.call("/pid")).text), pid);
});

test("no isolate outlives the server", async (t) => {
  const site = await serve(t, { "functions/pid.js": "callback(null, process.pid)" });
  const pid = Number((await site.call("/pid")).text);
  await site.server.kill();
  assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
});
