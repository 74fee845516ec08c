import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { childrenOf, isolateCommand, isRunning, reaperCommand } from "../packages/runtime/test/running.ts";
import { startOffhook } from "./offhook-process.ts";

const functions = {
  "pid.js": "exports.handler = (context, event, callback) => callback(null, process.pid);",
  "loop.js": `
    const { writeFileSync } = require('fs');
    exports.handler = (context, event) => {
      writeFileSync(event.file, String(process.pid));
      while (true);
    };`,
  "child.js": `
    const { spawn } = require('child_process');
    const { writeFileSync } = require('fs');
    exports.handler = (context, event) => {
      const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
      writeFileSync(event.file, String(child.pid));
      while (true);
    };`,
};

async function makeProject(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "offhook-killed-"));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
  await mkdir(join(folder, "functions"));
  for (const [name, code] of Object.entries(functions)) await writeFile(join(folder, "functions", name), code);
  return folder;
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, what);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("isolates end when the server is killed", async (t) => {
  await using offhook = await startOffhook(await makeProject(t));
  const isolate = Number(await (await fetch(`${offhook.url}/pid`)).text());
  assert.ok(isRunning(isolate));
  process.kill(offhook.pid, "SIGKILL");
  await until("it is still there", () => !isRunning(isolate));
});

for (const [name, what] of [
  ["loop", "an isolate in an endless loop"],
  ["child", "what an isolate in an endless loop has started"],
] as const) {
  test(`${what} ends when the server is killed`, async (t) => {
    const folder = await makeProject(t);
    await using offhook = await startOffhook(folder);
    const file = join(folder, "pid");
    fetch(`${offhook.url}/${name}?file=${encodeURIComponent(file)}`).catch(() => {});
    await until("it has not begun", () => existsSync(file) && readFileSync(file, "utf8") !== "");
    const pid = Number(readFileSync(file, "utf8"));
    assert.ok(isRunning(pid));
    // Once another request is answered, the server has read the messages of this one's isolate.
    await fetch(`${offhook.url}/pid`);
    process.kill(offhook.pid, "SIGKILL");
    await until("it is still there", () => !isRunning(pid));
  });
}

test("none of many isolates outlives the server: idle, looping, or with children", async (t) => {
  const folder = await makeProject(t);
  await using offhook = await startOffhook(folder);
  const files = Array.from({ length: 6 }, (_, i) => join(folder, `pid-${i}`));
  for (const [i, file] of files.entries()) {
    fetch(`${offhook.url}/${i % 2 === 0 ? "loop" : "child"}?file=${encodeURIComponent(file)}`).catch(() => {});
  }
  await until("not all have begun", () => files.every((file) => existsSync(file) && readFileSync(file, "utf8") !== ""));
  await fetch(`${offhook.url}/pid`);
  const pids = [...files.map((file) => Number(readFileSync(file, "utf8"))), ...childrenOf(offhook.pid, /./)];
  assert.ok(pids.length > 12 && pids.every(isRunning));
  process.kill(offhook.pid, "SIGKILL");
  await until("some are still there", () => !pids.some(isRunning));
});

test("if the watching shell ends, a new one starts, and it knows the running isolates", async (t) => {
  const folder = await makeProject(t);
  await using offhook = await startOffhook(folder);
  const file = join(folder, "pid");
  fetch(`${offhook.url}/loop?file=${encodeURIComponent(file)}`).catch(() => {});
  await until("it has not begun", () => existsSync(file) && readFileSync(file, "utf8") !== "");
  const isolates = childrenOf(offhook.pid, isolateCommand);
  const [reaper] = childrenOf(offhook.pid, reaperCommand);
  assert.ok(reaper !== undefined);
  process.kill(reaper, "SIGKILL");
  await until("there is no other", () => childrenOf(offhook.pid, reaperCommand).some((pid) => pid !== reaper));
  // The new shell gets the list before this request is answered.
  assert.equal((await fetch(`${offhook.url}/pid`)).status, 200);
  process.kill(offhook.pid, "SIGKILL");
  await until("it is still there", () => !isolates.some(isRunning));
});
