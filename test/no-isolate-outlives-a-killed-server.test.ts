import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isRunning } from "../packages/runtime/test/running.ts";
import { startOffhook } from "./offhook-process.ts";

test("isolates end when the server is killed", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "offhook-killed-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "functions"));
  await writeFile(
    join(folder, "functions/pid.js"),
    "exports.handler = (context, event, callback) => callback(null, process.pid);",
  );
  await using offhook = await startOffhook(folder);
  const isolate = Number(await (await fetch(`${offhook.url}/pid`)).text());
  assert.ok(isRunning(isolate));
  process.kill(offhook.pid, "SIGKILL");
  const deadline = performance.now() + 10_000;
  while (isRunning(isolate)) {
    assert.ok(performance.now() < deadline, "it is still there");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
});
