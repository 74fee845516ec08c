import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { Reaper } from "../../../src/pool/reaper.ts";

function startGroup(t: TestContext): ChildProcess & { pid: number } {
  const child = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
  t.after(() => child.kill("SIGKILL"));
  assert.ok(child.pid !== undefined);
  return child as ChildProcess & { pid: number };
}

test("what is watched ends with the reaper, what was forgotten does not", async (t) => {
  const [watched, forgotten] = [startGroup(t), startGroup(t)];
  const reaper = new Reaper();
  for (const { pid } of [forgotten, watched]) reaper.watch(pid);
  reaper.forget(forgotten.pid);
  const ended = once(watched, "exit");
  reaper.stop();
  assert.deepEqual(await ended, [null, "SIGKILL"]);
  assert.equal(forgotten.signalCode, null);
});

test("where there is no shell nothing breaks, and the next time is another chance", async (t) => {
  const reaper = new Reaper("/no/such/shell");
  const { pid } = startGroup(t);
  reaper.watch(pid);
  await new Promise((resolve) => setImmediate(resolve));
  reaper.watch(pid);
  reaper.forget(pid);
  reaper.stop();
  process.kill(pid, 0);
});
