import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { factsOf } from "../../../src/pool/process-stats.ts";
import { isRunning } from "../../running.ts";
import { until } from "../../site.ts";
import { Reaper } from "../../../src/pool/reaper.ts";

function startGroup(t: TestContext): ChildProcess & { pid: number } {
  const child = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
  t.after(() => child.kill("SIGKILL"));
  assert.ok(child.pid !== undefined);
  return child as ChildProcess & { pid: number };
}

test("watched processes end with the reaper, forgotten ones do not", async (t) => {
  const [watched, forgotten] = [startGroup(t), startGroup(t)];
  const reaper = new Reaper();
  for (const { pid } of [forgotten, watched]) reaper.watch(pid);
  reaper.forget(forgotten.pid);
  const ended = once(watched, "exit");
  reaper.stop();
  assert.deepEqual(await ended, [null, "SIGKILL"]);
  assert.equal(forgotten.signalCode, null);
});

test("a process with a reused number is left alone, and the group of a watched process ends", async (t) => {
  const [stranger, ours] = [startGroup(t), startGroup(t)];
  const reaper = new Reaper();
  const ended = once(ours, "exit");
  // As if a child with this number had ended, and the system had reused the number.
  reaper.watchChild(stranger.pid, "1");
  reaper.watchChild(ours.pid, factsOf(ours.pid)?.startedAt ?? "");
  reaper.stop();
  assert.deepEqual(await ended, [null, "SIGKILL"]);
  assert.equal(stranger.signalCode, null);
});

test("the rest of a group whose leader has ended ends with the reaper", async () => {
  const shell = spawn("sh", ["-c", "sleep 600 & echo $!"], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
  assert.ok(shell.pid !== undefined && shell.stdout !== null);
  const reaper = new Reaper();
  reaper.watch(shell.pid);
  const [said] = (await once(shell.stdout, "data")) as [Buffer];
  const left = Number(String(said));
  if (shell.exitCode === null) await once(shell, "exit");
  assert.ok(isRunning(left));
  reaper.stop();
  await until("it has ended", () => !isRunning(left));
});

test("a watched folder is removed with its content, unless it was forgotten", async (t) => {
  const [watched, forgotten] = [1, 2].map(() => mkdtempSync(join(tmpdir(), "offhook reaper-"))) as [string, string];
  t.after(() => rmSync(forgotten, { recursive: true }));
  mkdirSync(join(watched, "deep", "er"), { recursive: true });
  const { pid } = startGroup(t);
  for (const folder of [forgotten, watched]) {
    const reaper = new Reaper();
    reaper.watch(pid);
    reaper.watchFolder(folder);
    if (folder === forgotten) reaper.forgetFolder(folder);
    reaper.forget(pid);
    reaper.stop();
  }
  await until("it is removed", () => !existsSync(watched));
  assert.ok(existsSync(forgotten));
});

test("several folders are watched at once, also by a shell that replaces another", async (t) => {
  const [first, second, forgotten] = [1, 2, 3].map(() => mkdtempSync(join(tmpdir(), "offhook reaper-"))) as [
    string,
    string,
    string,
  ];
  t.after(() => rmSync(forgotten, { recursive: true }));
  const { pid } = startGroup(t);
  const reaper = new Reaper();
  reaper.watchFolder(first);
  reaper.watchFolder(forgotten);
  reaper.watch(pid);
  reaper.watchFolder(second);
  reaper.forgetFolder(forgotten);
  reaper.forgetFolder("/not/watched");
  reaper.forget(pid);
  reaper.stop();
  await until("both are removed", () => !existsSync(first) && !existsSync(second));
  assert.ok(existsSync(forgotten));
});

test("without a shell nothing breaks, and the next watch tries again", async (t) => {
  const reaper = new Reaper("/no/such/shell");
  const { pid } = startGroup(t);
  reaper.watch(pid);
  await new Promise((resolve) => setImmediate(resolve));
  reaper.watch(pid);
  reaper.forget(pid);
  reaper.stop();
  process.kill(pid, 0);
});
