/**
 * Short invocations wait in an isolate's pipe behind the one that runs. Even if that one misbehaves, the waiting ones
 * run once and get their own replies.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { serve, type Answer, type Site } from "../site.ts";

const mixed = `
  const { appendFileSync, existsSync } = require('fs');
  exports.handler = (context, event, callback) => {
    appendFileSync('runs.txt', event.nonce + '\\n');
    if (event.bad === 'waits for the others') {
      const timer = setInterval(() => {
        if (!existsSync('gate.txt')) return;
        clearInterval(timer);
        callback(null, event.nonce);
      }, 5);
      return;
    }
    if (event.bad === 'is killed') process.kill(process.pid, 'SIGKILL');
    if (event.bad === 'loops') while (true);
    if (event.bad === 'waits') return setTimeout(() => callback(null, event.nonce), 1000);
    callback(null, event.nonce);
    if (event.bad === 'leaves a timer') setTimeout(() => {}, 5000);
    if (event.bad === 'exits after callback') process.exit();
    if (event.bad === 'loops after callback') while (true);
  };`;

const warmUps = 20;
const burst = 60;
/** The invocation that misbehaves. It is early, so that others wait behind it. */
const badOne = 10;

function startAll(site: Site, bad: string): Promise<Answer>[] {
  return Array.from({ length: burst }, (_, i) =>
    site.call(`/mixed?nonce=n${i}&bad=${i === badOne ? encodeURIComponent(bad) : ""}`),
  );
}

for (const [bad, statuses] of [
  ["is killed", [500]],
  ["loops", [504]],
  ["waits", [200]],
  ["leaves a timer", [200]],
  // If others wait, its own reply may be lost with it: see the comment in worker/invocation-run.ts.
  ["exits after callback", [200, 500]],
  ["loops after callback", [200, 504]],
] as const) {
  test(`invocations survive behind one that ${bad}`, async (t) => {
    const site = await serve(
      t,
      { "functions/mixed.js": mixed, "runs.txt": "" },
      { concurrency: Infinity, timeout: 2000 },
    );
    for (let i = 0; i < warmUps; i++) await site.call(`/mixed?nonce=warm${i}`);
    const answers = await Promise.all(startAll(site, bad));
    assert.ok(
      statuses.some((status) => status === answers[badOne]?.status),
      String(answers[badOne]?.status),
    );
    for (const [i, { status, text }] of answers.entries()) {
      if (i !== badOne) assert.equal(text, `n${i}`, `status ${status}`);
    }
    const runs = readFileSync(join(site.folder, "runs.txt"), "utf8").trim().split("\n");
    assert.equal(runs.length, warmUps + burst);
    assert.equal(new Set(runs).size, runs.length, "each ran once");
  });
}

test("no invocation waits long behind one that turns out to be slow", async (t) => {
  const files = { "functions/mixed.js": mixed, "runs.txt": "" };
  const site = await serve(t, files, { concurrency: Infinity, timeout: 60_000 });
  for (let i = 0; i < warmUps; i++) await site.call(`/mixed?nonce=warm${i}`);
  const calls = startAll(site, "waits for the others");
  const others = await Promise.all(calls.filter((_, i) => i !== badOne));
  assert.deepEqual(
    others.map(({ status }) => status),
    others.map(() => 200),
  );
  // It ends when all others have their replies. If one had waited for it, the time limit would have ended both.
  writeFileSync(join(site.folder, "gate.txt"), "");
  assert.equal((await calls[badOne])?.text, `n${badOne}`);
});

test("replies that an isolate sent while the gateway was busy count, even after the deadline", async (t) => {
  const turns = `
    const { appendFileSync } = require('fs');
    exports.handler = (context, event, callback) => {
      appendFileSync('runs.txt', event.nonce + '\\n');
      const until = Date.now() + Number(event.ms || 0);
      while (Date.now() < until);
      callback(null, event.nonce);
    };`;
  const files = { "functions/turns.js": turns, "runs.txt": "" };
  const site = await serve(t, files, { timeout: 1500, concurrency: Infinity });
  for (let i = 0; i < warmUps; i++) await site.call(`/turns?nonce=warm${i}`);
  const runs = (): string[] => readFileSync(join(site.folder, "runs.txt"), "utf8").trim().split("\n");

  const calls = ["a", "b", "c", "d"].map((nonce) => site.call(`/turns?nonce=${nonce}&ms=150`));
  // The gateway runs in this process. For longer than the limit it reads nothing and does not check the time.
  while (runs().length === warmUps) await new Promise((resolve) => setImmediate(resolve));
  const blockedUntil = performance.now() + 1_800;
  while (performance.now() < blockedUntil);
  const answers = await Promise.all(calls);
  assert.deepEqual(
    answers.map(({ text }) => text),
    ["a", "b", "c", "d"],
  );
  assert.equal(runs().length, warmUps + calls.length, "each ran once");
});

test("invocations that wait while an isolate loads other functions have their whole time", async (t) => {
  const files = {
    "functions/a.js":
      "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000); exports.handler = (context, event, callback) => callback();",
    "functions/b.js": "setTimeout(() => callback(null, 'waited'), 1500);",
  };
  const site = await serve(t, files, { timeout: 4000 });
  assert.equal((await site.call("/b")).text, "waited");
});
