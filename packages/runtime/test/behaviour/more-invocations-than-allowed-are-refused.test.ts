import assert from "node:assert/strict";
import { test } from "node:test";
import { heldFunction, release } from "../overlap.ts";
import { serve, until } from "../site.ts";

const slow = { "functions/slow.js": heldFunction("'slow'") };

test("invocations run at once up to the limit, and one more is refused", async (t) => {
  const site = await serve(t, slow, { concurrency: 4, queueTimeout: 50 });
  const running = Promise.all(Array.from({ length: 4 }, () => site.call("/slow")));
  await until("all four run", () => site.output.length === 4);
  for (let count = 0; count < 2; count++) {
    const refused = await site.call("/slow");
    assert.equal(refused.status, 429);
    assert.equal(refused.headers["x-offhook-error"], "too-many-invocations");
  }
  await release(site.folder);
  assert.deepEqual(
    (await running).map(({ text }) => text),
    Array.from({ length: 4 }, () => "slow"),
  );
});

test("a short burst over the limit waits", async (t) => {
  const site = await serve(
    t,
    { "functions/fast.js": "callback(null, 'fast')" },
    { concurrency: 2, queueTimeout: 5_000 },
  );
  const answers = await Promise.all(Array.from({ length: 40 }, () => site.call("/fast")));
  assert.ok(answers.every((answer) => answer.text === "fast"));
});

test("each invocation runs in its own isolate, and the header counts them", async (t) => {
  const site = await serve(t, { "functions/pid.js": heldFunction("process.pid") }, { concurrency: 5 });
  const calls = Promise.all(Array.from({ length: 5 }, () => site.call("/pid")));
  await until("all five run", () => site.output.length === 5);
  await release(site.folder);
  const answers = await calls;
  assert.equal(new Set(answers.map((answer) => answer.text)).size, 5);
  const counts = answers.map((answer) => Number(answer.headers["x-twilio-function-concurrency"]));
  assert.deepEqual(
    counts.toSorted((a, b) => a - b),
    [1, 2, 3, 4, 5],
  );
});

test("without a limit no invocation is refused", async (t) => {
  const site = await serve(t, slow, { concurrency: Infinity, timeout: Infinity });
  const calls = Promise.all(Array.from({ length: 35 }, () => site.call("/slow")));
  await until("all of them run", () => site.output.length === 35, 60_000);
  await release(site.folder);
  assert.ok((await calls).every((answer) => answer.text === "slow"));
});
