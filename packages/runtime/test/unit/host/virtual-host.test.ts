import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { VirtualHost } from "../../../src/host/virtual-host.ts";
import type { Tenancy } from "../../../src/host/tenancy.ts";
import { notices } from "../../../src/observe/channels.ts";
import { MachineBudget } from "../../../src/pool/machine-budget.ts";
import { Reaper } from "../../../src/pool/reaper.ts";
import { tenancyOf } from "../../hosted.ts";
import { until } from "../../site.ts";

const files = { "functions/hello.js": "callback(null, 'hi')" };

interface Scene {
  readonly virtualHost: VirtualHost;
  /** All tenancies that were created, in order. */
  readonly made: Tenancy[];
  readonly gone: Tenancy[];
}

async function scene(t: TestContext): Promise<Scene> {
  const made: Tenancy[] = [];
  const gone: Tenancy[] = [];
  const reaper = new Reaper();
  const budget = new MachineBudget({ processors: 2 });
  const virtualHost = new VirtualHost(
    await tenancyOf(t, files),
    {},
    { hosts: ["a"], reaper, budget, onMade: (tenancy) => made.push(tenancy), onGone: (tenancy) => gone.push(tenancy) },
  );
  t.after(async () => {
    await Promise.all(made.map((tenancy) => tenancy.kill()));
    reaper.stop();
  });
  return { virtualHost, made, gone };
}

const statesOf = (made: readonly Tenancy[]): string[] => made.map(({ state }) => state);

test("a tenancy goes from cold to serving, and from draining to gone after another has replaced it", async (t) => {
  const { virtualHost, made, gone } = await scene(t);
  assert.deepEqual(statesOf(made), ["cold"]);
  virtualHost.current.start();
  assert.deepEqual(statesOf(made), ["starting"]);
  await until("it serves", () => virtualHost.current.state === "serving");

  const replaced = virtualHost.replace(await tenancyOf(t, files), {});
  assert.deepEqual(statesOf(made), ["serving", "starting"]);
  assert.equal(virtualHost.current, made[0]);
  await replaced;
  assert.equal(virtualHost.current, made[1]);
  assert.deepEqual(statesOf(made), ["draining", "serving"]);
  await made[0]?.drain();
  assert.deepEqual(statesOf(made), ["gone", "serving"]);
  assert.deepEqual(gone, [made[0]]);

  // A tenancy that is gone stays gone.
  made[0]?.start();
  await Promise.all([made[0]?.drain(), made[0]?.kill()]);
  assert.deepEqual(statesOf(made), ["gone", "serving"]);
  assert.deepEqual(gone, [made[0]]);
});

test("a tenancy that could not start leaves nothing", async (t) => {
  t.after(notices.subscribe(() => undefined));
  const { virtualHost, made, gone } = await scene(t);
  const next = await tenancyOf(t, files, { node: "/no/such/node" });
  await assert.rejects(virtualHost.replace(next, {}), { code: "isolate-not-started" });
  assert.equal(virtualHost.current, made[0]);
  assert.deepEqual(statesOf(made), ["cold", "gone"]);
  assert.deepEqual(gone, [made[1]]);
});

test("of several replacements at once, the last one wins", async (t) => {
  const { virtualHost, made } = await scene(t);
  const versions = await Promise.all([1, 2, 3].map(() => tenancyOf(t, files)));
  const results = await Promise.allSettled(versions.map((version) => virtualHost.replace(version, {})));
  const codes = results.map((result) => (result.status === "fulfilled" ? "replaced" : result.reason.code));
  assert.deepEqual(codes, ["service-superseded", "service-superseded", "replaced"]);
  assert.equal(virtualHost.current, made[3]);
  await made[0]?.drain();
  assert.deepEqual(statesOf(made), ["gone", "gone", "gone", "serving"]);
});

test("a draining tenancy ends at once when it is killed", async (t) => {
  const { virtualHost, made } = await scene(t);
  virtualHost.current.start();
  await until("it serves", () => virtualHost.current.state === "serving");
  made[0]?.tenant.inFlight?.enter();
  const drained = made[0]?.drain();
  assert.deepEqual(statesOf(made), ["draining"]);
  await made[0]?.kill();
  assert.deepEqual(statesOf(made), ["gone"]);
  made[0]?.tenant.inFlight?.leave(0);
  await drained;
});
