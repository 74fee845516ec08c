import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { serve, until } from "../site.ts";

const slow = { "functions/slow.js": "setTimeout(() => callback(null, 'slow'), 800)" };

test("as many as allowed run at once, one more is refused", async (t) => {
  const site = await serve(t, slow, { concurrency: 4, queueTimeout: 50 });
  const answers = await Promise.all(Array.from({ length: 6 }, () => site.call("/slow")));
  const statuses = answers.map((answer) => answer.status).toSorted((a, b) => a - b);
  assert.deepEqual(statuses, [200, 200, 200, 200, 429, 429]);
  const refused = answers.find((answer) => answer.status === 429);
  assert.equal(refused?.headers["x-offhook-error"], "too-many-invocations");
});

test("a short burst over the limit waits instead", async (t) => {
  const site = await serve(
    t,
    { "functions/fast.js": "callback(null, 'fast')" },
    { concurrency: 2, queueTimeout: 5_000 },
  );
  const answers = await Promise.all(Array.from({ length: 40 }, () => site.call("/fast")));
  assert.ok(answers.every((answer) => answer.text === "fast"));
});

test("each of them runs in an isolate of its own, and the header counts them", async (t) => {
  const site = await serve(
    t,
    {
      "functions/pid.js": `
        console.log('begun');
        const timer = setInterval(() => {
          if (!require('fs').existsSync('release')) return;
          clearInterval(timer);
          callback(null, process.pid);
        }, 10);`,
    },
    { concurrency: 5 },
  );
  const calls = Promise.all(Array.from({ length: 5 }, () => site.call("/pid")));
  await until("all five run", () => site.output.length === 5);
  await writeFile(join(site.folder, "release"), "");
  const answers = await calls;
  assert.equal(new Set(answers.map((answer) => answer.text)).size, 5);
  const counts = answers.map((answer) => Number(answer.headers["x-twilio-function-concurrency"]));
  assert.deepEqual(
    counts.toSorted((a, b) => a - b),
    [1, 2, 3, 4, 5],
  );
});

test("without a limit nobody is refused", async (t) => {
  const site = await serve(
    t,
    { "functions/slow.js": "setTimeout(() => callback(null, 'slow'), 300)" },
    { concurrency: Infinity },
  );
  const answers = await Promise.all(Array.from({ length: 35 }, () => site.call("/slow")));
  assert.ok(answers.every((answer) => answer.text === "slow"));
});
