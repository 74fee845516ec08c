import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { serve, until, type Answer, type Site } from "../site.ts";
import { childrenOf, isolateCommand, isRunning } from "../running.ts";

const functions = {
  "functions/pid.js": "callback(null, process.pid)",
  "functions/wait.js": `
    console.log(String(process.pid));
    const timer = setInterval(() => {
      if (!require('fs').existsSync('released')) return;
      clearInterval(timer);
      callback(null, process.pid);
    }, 10)`,
  // Its reply is sent, but the invocation has not settled.
  "functions/settle.js":
    "callback(null, process.pid); require('child_process').spawnSync('kill', ['-s', event.signal, process.pid + '']);",
};

const signals = ["SIGKILL", "SIGSEGV", "SIGSTOP"] as const;
/** The timeout is short because nothing else ends a stopped isolate. */
const settings = { timeout: 2_500 };

async function ended(site: Site, pid: number): Promise<string> {
  await until("its end was noticed", () => site.ended.some((end) => end.pid === pid), 20_000);
  await until("it is gone", () => !isRunning(pid));
  return site.ended.find((end) => end.pid === pid)?.reason ?? "";
}

async function assertServes(site: Site): Promise<void> {
  const answers = await Promise.all(Array.from({ length: 6 }, () => site.call("/pid")));
  assert.deepEqual(
    answers.map(({ status }) => status),
    answers.map(() => 200),
  );
}

for (const signal of signals) {
  test(`${signal} in an invocation costs that one`, async (t) => {
    const site = await serve(t, functions, settings);
    const [hit, beside] = [site.call("/wait"), site.call("/wait")];
    await until("both run", () => site.output.length === 2);
    const pids = site.output.map(({ text }) => Number(text));
    process.kill(pids[0] as number, signal);
    await writeFile(join(site.folder, "released"), "");
    const answers = await Promise.all([hit, beside]);
    const lost = answers.filter(({ status }) => status !== 200);
    const expected = signal === "SIGSTOP" ? [504, "handler-timed-out"] : [500, "isolate-crashed"];
    assert.deepEqual(lost.map(describe), [expected]);
    assert.equal(await ended(site, pids[0] as number), signal === "SIGSTOP" ? "timed-out" : "crashed");
    const logged = site.requests.filter(({ code }) => code === expected[1]);
    assert.equal(logged.length, 1);
    assert.match(String(logged[0]?.detail), signal === "SIGSTOP" ? /after 2500 ms/ : new RegExp(signal));
    await assertServes(site);
  });

  test(`${signal} to an idle isolate costs at most the next invocation`, async (t) => {
    const site = await serve(t, functions, settings);
    const pid = Number((await site.call("/pid")).text);
    process.kill(pid, signal);
    if (signal !== "SIGSTOP") await ended(site, pid);
    const answers = await Promise.all(Array.from({ length: 6 }, () => site.call("/pid")));
    const lost = answers.filter(({ status }) => status !== 200);
    // No request is lost if the isolate had not settled yet.
    assert.ok(lost.length <= (signal === "SIGSTOP" ? 1 : 0), JSON.stringify(lost.map(describe)));
    for (const answer of lost) assert.deepEqual(describe(answer), [504, "handler-timed-out"]);
    await ended(site, pid);
    await assertServes(site);
  });

  test(`${signal} to an isolate that has just replied costs nothing`, async (t) => {
    const site = await serve(t, functions, settings);
    const answer = await site.call(`/settle?signal=${signal.slice("SIG".length)}`);
    const pid = Number(answer.text);
    assert.equal(answer.status, 200);
    await assertServes(site);
    // On a busy machine the pool may give the isolate up before it notices the crash.
    assert.match(await ended(site, pid), signal === "SIGSTOP" ? /unresponsive/ : /crashed|unresponsive/);
    assert.deepEqual(
      site.requests.filter(({ status }) => status !== 200),
      [],
    );
  });

  test(`${signal} to an isolate that starts costs nothing`, async (t) => {
    const site = await serve(t, functions, settings);
    await site.call("/pid");
    const before = childrenOf(process.pid, isolateCommand);
    // The existing isolates have the old variables, so the pool soon starts others.
    site.server.updateVariables({ A: "1" });
    let starting = 0;
    await until("another isolate starts", () => {
      starting = childrenOf(process.pid, isolateCommand).find((pid) => !before.includes(pid)) ?? 0;
      if (starting !== 0) process.kill(starting, signal);
      return starting !== 0;
    });
    await assertServes(site);
    assert.equal(await ended(site, starting), "start-failed");
    await assertServes(site);
  });
}

function describe({ status, headers }: Answer): unknown[] {
  return [status, headers["x-offhook-error"]];
}

test("isolates that are killed while they start do not count as failed starts", async (t) => {
  const site = await serve(t, functions, { ...settings, spares: 0 });
  const waiting = site.call("/pid");
  const startsKilled = (): number => site.ended.filter(({ reason }) => reason === "start-failed").length;
  const killStarting = (): boolean => {
    for (const pid of childrenOf(process.pid, isolateCommand)) process.kill(pid, "SIGKILL");
    return startsKilled() >= 6;
  };
  await until("six of them were killed in a row", killStarting, 60_000);
  assert.equal((await waiting).status, 200);
  assert.deepEqual(
    site.requests.filter(({ code }) => code === "isolate-not-started"),
    [],
  );
});
