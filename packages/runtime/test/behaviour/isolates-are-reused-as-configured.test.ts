import assert from "node:assert/strict";
import { test } from "node:test";
import { heldFunction, release } from "../overlap.ts";
import { serve, until } from "../site.ts";

const functions = {
  "functions/count.js":
    "let calls = 0; exports.handler = (context, event, callback) => callback(null, [++calls, process.pid]);",
  "functions/leave.js":
    "let calls = 0; exports.handler = (context, event, callback) => { setInterval(() => {}, 1000); globalThis.left = true; callback(null, [++calls, process.pid]); };",
};

test("reuse: never gives each invocation a fresh isolate", async (t) => {
  const site = await serve(t, functions, { reuse: "never" });
  const answers: number[][] = [];
  for (let i = 0; i < 4; i++) answers.push((await site.call("/count")).json() as number[]);
  assert.deepEqual(
    answers.map(([calls]) => calls),
    [1, 1, 1, 1],
  );
  assert.equal(new Set(answers.map(([, pid]) => pid)).size, 4);
});

test("reuse: always keeps leftovers", async (t) => {
  const site = await serve(t, functions, { reuse: "always", spares: 0 });
  const answers: number[][] = [];
  for (let i = 0; i < 4; i++) answers.push((await site.call("/leave")).json() as number[]);
  assert.deepEqual(
    answers.map(([calls]) => calls),
    [1, 2, 3, 4],
  );
  assert.equal(site.ended.length, 0);
});

test("isolateConcurrency lets waiting invocations share an isolate", async (t) => {
  const site = await serve(
    t,
    { "functions/wait.js": heldFunction("[event.n, process.pid]") },
    { isolateConcurrency: 40, concurrency: 20, spares: 0, timeout: 60_000 },
  );
  // While an isolate loads its first function, it accepts one invocation only.
  await release(site.folder, "loaded");
  assert.equal((await site.call("/wait?latch=loaded")).status, 200);
  const calls = Promise.all(Array.from({ length: 20 }, (_, n) => site.call(`/wait?n=${n}`)));
  await until("all of them run", () => site.output.length === 21);
  await release(site.folder);
  const replies = (await calls).map((answer) => answer.json() as [string, number]);
  assert.deepEqual(
    replies.map(([n]) => Number(n)),
    Array.from({ length: 20 }, (_, n) => n),
  );
  assert.equal(new Set(replies.map(([, pid]) => pid)).size, 1);
});

test("in a shared isolate, the others still get their replies if one hangs", async (t) => {
  const site = await serve(
    t,
    {
      "functions/hang.js": "console.log('begun')",
      "functions/wait.js": "setTimeout(() => callback(null, 'waited'), 600)",
    },
    { isolateConcurrency: 10, spares: 0, timeout: 800 },
  );
  const hung = site.call("/hang");
  await until("it runs", () => site.output.length > 0);
  await site.call("/wait");
  const late = site.call("/wait");
  assert.equal((await hung).status, 504);
  assert.equal((await late).text, "waited");
  assert.equal((await site.call("/wait")).text, "waited");
});

test("idle isolates beyond the spares end after some time", async (t) => {
  const site = await serve(t, { "functions/wait.js": heldFunction("process.pid") }, { idleTimeout: 300, spares: 1 });
  const calls = Promise.all(Array.from({ length: 4 }, () => site.call("/wait")));
  await until("all four run", () => site.output.length === 4);
  await release(site.folder);
  await calls;
  await until("the others have ended", () => site.ended.filter((end) => end.reason === "idle").length >= 3);
  assert.equal((await site.call("/wait")).status, 200);
});
