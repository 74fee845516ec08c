import assert from "node:assert/strict";
import { test } from "node:test";
import { serve, until } from "../site.ts";

const hung = {
  "never calls back": "",
  "waits for ever": "setInterval(() => {}, 1000);",
  "loops for ever": "while (true) {}",
  "blocks in a system call": "require('child_process').execSync('sleep 60');",
  "blocks in a computation": "require('crypto').pbkdf2Sync('a', 'b', 1e9, 32, 'sha256');",
  "loops in the payload's getter": "callback(null, { get a() { while (true) {} } });",
  "loops in toJSON": "callback(null, { toJSON() { while (true) {} } });",
  "returns instead of calling back": "return Promise.resolve('ignored');",
};

test("a handler that does not reply in time gets a 504, and nobody else notices", async (t) => {
  const functions = Object.values(hung).map((code, i) => [`functions/hung${i}.js`, code]);
  const site = await serve(
    t,
    { ...Object.fromEntries(functions), "functions/hello.js": "callback(null, 'hello')" },
    { timeout: 700 },
  );
  for (const [i, name] of Object.keys(hung).entries()) {
    await t.test(name, async () => {
      const [answer, beside] = await Promise.all([site.call(`/hung${i}`), site.call("/hello")]);
      assert.equal(answer.status, 504);
      assert.equal(answer.headers["x-offhook-error"], "handler-timed-out");
      assert.equal(beside.text, "hello");
      await until("the isolate has ended", () => site.ended.some((end) => end.reason === "timed-out"));
      site.ended.length = 0;
      assert.equal((await site.call("/hello")).text, "hello");
    });
  }
  assert.ok(site.requests.filter((request) => request.code === "handler-timed-out").every((r) => r.status === 504));
});

test("waiting within the limit is fine", async (t) => {
  const site = await serve(t, { "functions/wait.js": "setTimeout(() => callback(null, 'waited'), 500)" });
  assert.equal((await site.call("/wait")).text, "waited");
});

test("module scope that does not end costs its own function, not those loaded beside it", async (t) => {
  const site = await serve(
    t,
    {
      "functions/a-stuck.js": "while (true) {} exports.handler = () => {};",
      "functions/hello.js": "callback(null, 'hello')",
    },
    { timeout: 1000 },
  );
  const [stuck, hello] = await Promise.all([site.call("/a-stuck"), site.call("/hello")]);
  assert.equal(stuck.status, 504);
  assert.equal(hello.text, "hello");
});
