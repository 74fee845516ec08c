import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { isRunning } from "../packages/runtime/test/running.ts";
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
  t.after(() => rm(folder, { recursive: true, force: true }));
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
    // When another is answered the server has read what this one's isolate had to say.
    await fetch(`${offhook.url}/pid`);
    process.kill(offhook.pid, "SIGKILL");
    await until("it is still there", () => !isRunning(pid));
  });
}
