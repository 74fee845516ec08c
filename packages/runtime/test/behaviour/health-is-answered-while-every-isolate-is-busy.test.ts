import assert from "node:assert/strict";
import { getPriority } from "node:os";
import { test } from "node:test";
import { heldFunction, release } from "../overlap.ts";
import { serve, until } from "../site.ts";

const functions = {
  "functions/pid.js": "callback(null, process.pid)",
  "functions/compute.js": "console.log(String(process.pid)); setImmediate(() => { while (true); })",
  "functions/wait.js": `console.log(String(process.pid)); ${heldFunction("'waited'")}`,
};

test("health is answered while every allowed isolate computes", async (t) => {
  const site = await serve(t, functions, { concurrency: 6, timeout: 12_000 });
  const calls = Array.from({ length: 6 }, () => site.call("/compute"));
  await until("all isolates compute", () => site.output.length === 6, 60_000);
  const times: number[] = [];
  for (let i = 0; i < 30; i++) {
    const startedAt = performance.now();
    assert.equal((await site.call("/_offhook/health")).status, 200);
    times.push(performance.now() - startedAt);
  }
  assert.deepEqual(site.requests, [], "no invocation had to end for it");
  assert.ok(Math.max(...times) < 2_000, `${Math.max(...times)} ms`);
  // No slot is free. The gateway can answer this without an isolate.
  assert.equal((await site.call("/pid")).status, 429);
  assert.deepEqual(new Set((await Promise.all(calls)).map(({ status }) => status)), new Set([504]));
  assert.equal((await site.call("/pid")).status, 200);
});

test("an isolate that computes for long gets a lower priority, one that waits does not", async (t) => {
  const site = await serve(t, functions, { timeout: Infinity });
  const waiting = site.call("/wait");
  await until("it waits", () => site.output.length === 2);
  const waits = Number(site.output[0]?.text);
  const computing = site.call("/compute");
  await until("the other one computes", () => site.output.length === 3);
  const computes = Number(site.output[2]?.text);
  // A higher number is a lower priority. The tests themselves may run with a lower priority than usual.
  await until("its priority is lower", () => getPriority(computes) > getPriority(), 60_000);
  assert.equal(getPriority(waits), getPriority());
  await release(site.folder);
  assert.equal((await waiting).text, "waited");
  // The function computes without end, so the test kills the server.
  await Promise.allSettled([site.server.kill(), computing]);
});
