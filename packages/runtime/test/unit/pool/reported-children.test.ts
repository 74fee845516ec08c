import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { Reaper } from "../../../src/pool/reaper.ts";
import { ReportedChildren } from "../../../src/pool/reported-children.ts";
import { isRunning } from "../../running.ts";
import { until } from "../../site.ts";

class QuietReaper extends Reaper {
  readonly watched: number[] = [];
  override watchChild(pid: number): void {
    this.watched.push(pid);
  }
  override forget(pid: number): void {
    const at = this.watched.indexOf(pid);
    if (at !== -1) this.watched.splice(at, 1);
  }
}

async function startChild(t: TestContext, program: string, ...args: string[]): Promise<ChildProcess & { pid: number }> {
  const child = spawn(program, args, { detached: true, stdio: ["pipe", "pipe", "ignore"] });
  t.after(() => child.kill("SIGKILL"));
  await once(child, "spawn");
  return child as ChildProcess & { pid: number };
}

test("a child that leads a group ends with the isolate", async (t) => {
  const reaper = new QuietReaper();
  const children = new ReportedChildren(process.pid, reaper);
  const child = await startChild(t, "sleep", "600");
  children.add(child.pid);
  assert.deepEqual(reaper.watched, [child.pid]);
  const ended = once(child, "exit");
  children.end();
  assert.deepEqual(await ended, [null, "SIGKILL"]);
  assert.deepEqual(reaper.watched, []);
});

test("a process that is not a child of the isolate is left alone", async (t) => {
  const bystander = await startChild(t, "sleep", "600");
  const reaper = new QuietReaper();
  // The parent of this process, which is not a child of the isolate.
  const children = new ReportedChildren(process.ppid, reaper);
  children.add(bystander.pid);
  children.end();
  assert.deepEqual(reaper.watched, []);
  assert.ok(isRunning(bystander.pid));
});

test("children that have ended are forgotten, however many there were", async (t) => {
  const children = new ReportedChildren(process.pid, new QuietReaper());
  const shell = await startChild(t, "sh", "-c", "sleep 600");
  children.add(shell.pid);
  for (let i = 0; i < 200; i++) {
    const child = await startChild(t, "true");
    children.add(child.pid);
    if (child.exitCode === null) await once(child, "exit");
  }
  assert.ok(children.size < 100, String(children.size));
  children.end();
  await until("the running child has ended", () => !isRunning(shell.pid));
});

test("reporting the same number again and again is allowed, but more numbers than exist break the protocol", () => {
  const children = new ReportedChildren(process.pid, new QuietReaper());
  for (let i = 0; i < 100_000; i++) children.add(process.pid);
  assert.equal(children.size, 1);
  assert.throws(() => {
    for (let pid = 2; pid < 10_000_000; pid++) children.add(pid);
  }, /more child processes/);
});
