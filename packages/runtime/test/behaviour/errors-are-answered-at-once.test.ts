import assert from "node:assert/strict";
import { test } from "node:test";
import { notices } from "../../src/observe/channels.ts";
import { serve, until } from "../site.ts";

const failing = {
  "a throw": ["throw new TypeError('boom')", "handler-threw", { name: "TypeError", message: "boom" }],
  "a throw of something else": ["throw 'boom'", "handler-threw", { name: "Error", message: "boom" }],
  "a throw of nothing": ["throw undefined", "handler-threw", { name: "Error", message: "undefined" }],
  "a throw of something that cannot be shown": [
    "throw { get message() { throw 1; } }",
    "handler-threw",
    { name: "Error", message: "a value that cannot be shown was thrown" },
  ],
  "a rejection": [
    "return Promise.reject(new RangeError('no'))",
    "handler-threw",
    { name: "RangeError", message: "no" },
  ],
  "a rejection nobody handles": [
    "Promise.reject(new Error('floating'))",
    "handler-threw",
    { name: "Error", message: "floating" },
  ],
  "a throw in a timer": [
    "setTimeout(() => { throw new Error('later') }, 5)",
    "handler-threw",
    { name: "Error", message: "later" },
  ],
  "a stack overflow": [
    "(function again() { again(); })()",
    "handler-threw",
    { name: "RangeError", message: "Maximum call stack size exceeded" },
  ],
  "callback with an error": ["callback(new Error('bad'))", "callback-error", { name: "Error", message: "bad" }],
  "callback with an object": ["callback({ a: 1 })", "callback-error", { a: 1 }],
  "missing credentials": [
    "context.getTwilioClient()",
    "handler-threw",
    {
      name: "Error",
      message:
        "Account credentials are not available to this function: set ACCOUNT_SID and AUTH_TOKEN in the service's .env.",
    },
  ],
} as const;

test("an error is a 500 at once, with what it says and not where", async (t) => {
  const functions = Object.values(failing).map(([code], i) => [`functions/f${i}.js`, code]);
  const site = await serve(t, Object.fromEntries(functions));
  for (const [i, [name, [, code, body]]] of Object.entries(failing).entries()) {
    await t.test(name, async () => {
      const answer = await site.call(`/f${i}`);
      assert.equal(answer.status, 500);
      assert.equal(answer.headers["content-type"], "application/json");
      assert.equal(answer.headers["x-offhook-error"], code);
      assert.deepEqual(answer.json(), body);
    });
  }
  const told = site.requests.find((request) => request.path === "/f0");
  assert.match(told?.detail ?? "", /TypeError: boom\n +at exports\.handler \(.*f0\.js:2:7\)$/);
});

test("a string called back as an error is the body", async (t) => {
  const site = await serve(t, { "functions/bad.js": "callback('bad')" });
  const answer = await site.call("/bad");
  assert.equal(answer.status, 500);
  assert.equal(answer.text, "bad");
  assert.match(answer.headers["content-type"] ?? "", /^text\/plain/);
});

test("an error after callback() is in the log, and the reply stands", async (t) => {
  const site = await serve(t, {
    "functions/throws.js": "callback(null, 'replied'); throw new Error('thrown late')",
    "functions/rejects.js": "callback(null, 'replied'); return Promise.reject(new Error('rejected late'))",
  });
  for (const [path, message] of [
    ["/throws", "thrown late"],
    ["/rejects", "rejected late"],
  ] as const) {
    const answer = await site.call(path);
    assert.equal(answer.text, "replied");
    const requestId = answer.headers["x-offhook-request-id"];
    await until("it is in the log", () =>
      site.output.some((line) => line.requestId === requestId && line.level === "error" && line.text.includes(message)),
    );
  }
});

const unloadable = {
  "no handler": ["exports.handle = 1;", "handler-missing"],
  "an empty file": ["", "handler-missing"],
  "a syntax error": ["exports.handler = (", "function-load-failed"],
  "a throw at module scope": ["exports.handler = 1; throw new Error('at load');", "function-load-failed"],
  "a missing package": ["require('no-such-package'); exports.handler = () => {};", "function-load-failed"],
  "import in a CommonJS file": ["import fs from 'node:fs'; export const handler = () => {};", "function-load-failed"],
} as const;

test("a function that cannot be loaded is a 500, and the log names file and cause", async (t) => {
  const functions = Object.values(unloadable).map(([code], i) => [
    `functions/f${i}.js`,
    code === "" ? "// exports nothing" : code,
  ]);
  const site = await serve(t, { ...Object.fromEntries(functions), "functions/hello.js": "callback(null, 'hello')" });
  for (const [i, [name, [, code]]] of Object.entries(unloadable).entries()) {
    await t.test(name, async () => {
      const answer = await site.call(`/f${i}`);
      assert.equal(answer.status, 500);
      assert.equal(answer.headers["x-offhook-error"], code);
      assert.doesNotMatch(answer.text, /functions|node_modules/);
      const told = site.requests.find((request) => request.path === `/f${i}`);
      assert.match(told?.detail ?? "", new RegExp(`f${i}\\.js`));
      assert.equal((await site.call("/hello")).text, "hello");
    });
  }
});

test("a function that cannot be loaded is told at start, once, before anybody calls it", async (t) => {
  const told: string[] = [];
  t.after(notices.subscribe(({ code, message }) => void (code === "function-load-failed" && told.push(message))));
  const site = await serve(t, {
    "functions/needs.js": "require('no-such-package'); exports.handler = () => {};",
    "functions/exit.js": "process.exit()",
  });
  await until("it was told", () => told.length > 0);
  assert.match(told[0] ?? "", /^\/needs cannot be loaded: Error: Cannot find module 'no-such-package'/);
  await site.call("/exit");
  await site.call("/exit");
  assert.equal(told.length, 1);
});

const unserializable = {
  "a circle": "const a = {}; a.a = a; callback(null, a)",
  "a BigInt": "callback(null, 1n)",
  "a function": "callback(null, () => {})",
  "a symbol": "callback(null, Symbol('a'))",
  "a getter that throws": "callback(null, { get a() { throw new Error('gotcha') } })",
  "toJSON that throws": "callback(null, { toJSON() { throw new Error('gotcha') } })",
  "toString that throws": "callback(null, { toString() { throw new Error('gotcha') } })",
};

test("a payload that has no bytes is a 500 that says so", async (t) => {
  const functions = Object.values(unserializable).map((code, i) => [`functions/f${i}.js`, code]);
  const site = await serve(t, Object.fromEntries(functions));
  for (const [i, name] of Object.keys(unserializable).entries()) {
    await t.test(name, async () => {
      const answer = await site.call(`/f${i}`);
      assert.equal(answer.status, 500);
      assert.equal(answer.headers["x-offhook-error"], "reply-not-serializable");
    });
  }
});
