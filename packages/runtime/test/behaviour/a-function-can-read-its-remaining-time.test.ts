import assert from "node:assert/strict";
import { test } from "node:test";
import { serve, until, type Site } from "../site.ts";

const timeoutMs = 60_000;

/** Reads the remaining time before and after a busy wait of at least 50 ms. */
const counts = `
  const first = context.getRemainingTimeInMillis();
  const end = performance.now() + 50;
  while (performance.now() < end);
  callback(null, { first, second: context.getRemainingTimeInMillis() });`;

interface Counted {
  readonly first: number;
  readonly second: number;
}

async function jsonOf<T>(site: Site, path: string): Promise<T> {
  const answer = await site.call(path);
  assert.equal(answer.status, 200, answer.text);
  return answer.json() as T;
}

test("the remaining time counts down from the time limit, from the start for each invocation", async (t) => {
  const site = await serve(t, { "functions/counts.js": counts }, { timeout: timeoutMs });
  for (let i = 0; i < 2; i++) {
    const { first, second } = await jsonOf<Counted>(site, "/counts");
    assert.ok(Number.isInteger(first) && Number.isInteger(second), `${first} ${second}`);
    assert.ok(first <= timeoutMs && first > timeoutMs - 10_000, `${first}`);
    assert.ok(first - second >= 49 && first - second < 10_000, `${first} ${second}`);
  }
  assert.deepEqual(site.ended, []);
});

test("an invocation's time starts with the invocation, not with its isolate", async (t) => {
  const site = await serve(
    t,
    {
      "functions/waits.js": `setTimeout(() => callback(null, context.getRemainingTimeInMillis()), 1_000);`,
      "functions/left.js": `callback(null, context.getRemainingTimeInMillis());`,
    },
    { timeout: timeoutMs, concurrency: 1, spares: 0, queueTimeout: timeoutMs },
  );
  const before = await jsonOf<number>(site, "/waits");
  const after = await jsonOf<number>(site, "/left");
  assert.ok(timeoutMs - before >= 999, `${before}`);
  assert.ok(after > before, `${after} after ${before}`);
  assert.deepEqual(site.ended, []);
});

test("loading the function counts towards its time", async (t) => {
  const site = await serve(
    t,
    {
      // The first call loads a function again that failed to load ahead.
      "functions/slow.js": `
        globalThis.tries = (globalThis.tries ?? 0) + 1;
        if (globalThis.tries === 1) throw new Error("not yet");
        const end = performance.now() + 200;
        while (performance.now() < end);
        exports.handler = (context, event, callback) => callback(null, context.getRemainingTimeInMillis());`,
    },
    { timeout: timeoutMs, reuse: "always" },
  );
  const first = await jsonOf<number>(site, "/slow");
  assert.ok(timeoutMs - first >= 199, `${first}`);
});

test("the function works without its context", async (t) => {
  const site = await serve(t, {
    "functions/alone.js": `
      const { getRemainingTimeInMillis } = context;
      callback(null, [getRemainingTimeInMillis() > 0, getRemainingTimeInMillis === context.getRemainingTimeInMillis]);`,
  });
  assert.deepEqual(await jsonOf(site, "/alone"), [true, true]);
});

test("without a time limit the remaining time is infinite", async (t) => {
  const site = await serve(
    t,
    { "functions/ever.js": `callback(null, String(context.getRemainingTimeInMillis()));` },
    { timeout: Infinity },
  );
  assert.equal((await site.call("/ever")).text, "Infinity");
});

test("the function is not listed, copied or printed, and can be assigned", async (t) => {
  const looks = `
    const name = "getRemainingTimeInMillis";
    const { inspect } = require("node:util");
    const hidden = [Object.keys(context), JSON.stringify(context), { ...context }, inspect(context)].map((seen) =>
      !JSON.stringify(seen).includes(name) && typeof seen[name] === "undefined");
    const type = typeof context[name];
    context[name] = () => "mine";
    callback(null, { hidden, type, assigned: context[name]() });`;
  const site = await serve(t, { "functions/looks.js": looks });
  const expected = { hidden: [true, true, true, true], type: "function", assigned: "mine" };
  // The next invocation has its own function again.
  for (let i = 0; i < 2; i++) assert.deepEqual(await jsonOf(site, "/looks"), expected);
  assert.deepEqual(site.ended, []);
});

test("a variable of the same name wins", async (t) => {
  const site = await serve(t, {
    ".env": "getRemainingTimeInMillis=a minute\n",
    "functions/looks.js": `callback(null, [context.getRemainingTimeInMillis, context.signal instanceof AbortSignal]);`,
  });
  assert.deepEqual(await jsonOf(site, "/looks"), ["a minute", true]);
});

test("invocations that share an isolate each have their own time", async (t) => {
  const site = await serve(
    t,
    {
      "functions/early.js": `
        console.log("begun");
        const timer = setInterval(() => {
          if (!globalThis.later) return;
          clearInterval(timer);
          const [mine, its] = [context, globalThis.later].map((each) => each.getRemainingTimeInMillis());
          callback(null, { mine, its, pid: process.pid });
        }, 5);`,
      // It starts later than the other one, which waits for it.
      "functions/later.js": `
        globalThis.later = context;
        callback(null, { mine: context.getRemainingTimeInMillis(), pid: process.pid });`,
    },
    { timeout: timeoutMs, concurrency: 2, isolateConcurrency: 2, spares: 0 },
  );
  const early = jsonOf<{ mine: number; its: number; pid: number }>(site, "/early");
  await until("it has begun", () => site.output.some(({ text }) => text.trim() === "begun"));
  const from = performance.now();
  await until("some time has passed", () => performance.now() - from > 100);
  const later = await jsonOf<{ mine: number; pid: number }>(site, "/later");
  const { mine, its, pid } = await early;
  assert.equal(pid, later.pid);
  assert.ok(its - mine >= 90, `${its} ${mine}`);
  assert.ok(its <= later.mine, `${its} ${later.mine}`);
});
