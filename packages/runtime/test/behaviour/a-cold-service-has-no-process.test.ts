/** Several services in one process, each with a pool of its own, and one budget for the starts of their isolates. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Outcome } from "../../src/pool/invocation.ts";
import { chooseIsolateUser } from "../../src/pool/isolate-user.ts";
import { MachineBudget } from "../../src/pool/machine-budget.ts";
import { Pool } from "../../src/pool/pool.ts";
import { inProcesses } from "../../src/pool/process-slot.ts";
import { Reaper } from "../../src/pool/reaper.ts";
import { ScratchFolders } from "../../src/pool/scratch.ts";
import { loadProject } from "../../src/project/project.ts";
import { invocationOf, setup } from "../pool-fixture.ts";
import { childrenOf, isolateCommand } from "../running.ts";
import { until, writeProject } from "../site.ts";

interface Machine {
  readonly budget: MachineBudget;
  readonly reaper: Reaper;
  readonly scratch: ScratchFolders;
}

async function poolFor(t: TestContext, { budget, reaper, scratch }: Machine): Promise<Pool> {
  const folder = await writeProject(t, { "functions/user.js": "callback(null, String(process.getuid()))" });
  const { service } = await loadProject(folder);
  const launch = { node: process.execPath, memoryMb: 256, compileCache: undefined, extraCaCerts: undefined };
  const hasOwnUser = chooseIsolateUser({ setting: "auto", sid: service.sid, reads: [folder] }).kind === "own";
  const pool = new Pool({
    service: service.sid,
    budget,
    users: hasOwnUser ? budget.users.sourceFor(service.environmentSid) : undefined,
    startSlot: inProcesses({
      service: service.sid,
      launch: { ...launch, processLimit: undefined, readable: undefined },
      folder,
      scratch,
      reaper,
      maxFrameBytes: 1e6,
      maxHeadBytes: 1e6,
    }),
    setup: {
      ...setup,
      folder,
      functions: Object.fromEntries(service.functions.map(({ name, file }) => [name, file])),
      preload: [],
    },
    concurrency: 30,
    queueTimeoutMs: 100,
    timeoutMs: 10_000,
    reuse: "clean",
    isPerFunction: false,
    spares: 1,
    keepsSpares: "in-use",
    idleTimeoutMs: 300,
    residentLimitBytes: Infinity,
  });
  t.after(() => pool.kill());
  return pool;
}

function textOf(outcome: Outcome): string {
  return outcome.kind === "reply" ? Buffer.from(outcome.body).toString() : outcome.code;
}

test("a service has no process until its first call, and none again some time after its last call", async (t) => {
  const budget = new MachineBudget({ processors: 2 });
  const reaper = new Reaper();
  const scratch = new ScratchFolders(reaper);
  const pools = await Promise.all(Array.from({ length: 6 }, () => poolFor(t, { budget, reaper, scratch })));
  t.after(async () => {
    await scratch.close();
    reaper.stop();
  });
  const before = childrenOf(process.pid, isolateCommand).length;
  for (const pool of pools) pool.start();
  assert.equal(childrenOf(process.pid, isolateCommand).length, before);
  for (let round = 0; round < 2; round++) {
    assert.ok(pools.every(({ isCold }) => isCold));
    const users = await Promise.all(pools.map(async (pool) => textOf(await pool.invoke(invocationOf("user")))));
    if (process.getuid?.() === 0 && users[0] !== "0") assert.equal(new Set(users).size, pools.length, users.join(", "));
    else assert.deepEqual(new Set(users), new Set([String(process.getuid?.())]));
    await until("all are cold again", () => pools.every(({ isCold }) => isCold), 30_000);
  }
  await until("no isolate is left", () => childrenOf(process.pid, isolateCommand).length === before, 30_000);
});
