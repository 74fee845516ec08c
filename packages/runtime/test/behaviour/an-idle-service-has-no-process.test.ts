/**
 * Services on one host that keep spares only while they are in use. Each has its own pool, and they share one budget.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isolateEnded } from "../../src/observe/channels.ts";
import { startHost, tenancyOf } from "../hosted.ts";
import { hasOwnUser } from "../probe.ts";
import { childrenOf, isolateCommand } from "../running.ts";
import { until } from "../site.ts";

const files = { "functions/user.js": "callback(null, String(process.getuid()))" };

test("a service has no process before its first call, and none some time after its last call", async (t) => {
  const { host, call } = await startHost(t);
  const names = Array.from({ length: 6 }, (_, index) => `${index}.example.org`);
  const services = await Promise.all(
    names.map(async (name) => {
      const options = await tenancyOf(t, files, { spares: 1, idleTimeout: 300 });
      return await host.add({ ...options, keepsSpares: "in-use" }, [name]);
    }),
  );
  const isolates = (): number => childrenOf(process.pid, isolateCommand).length;
  const areCold = (): boolean => services.every(({ current }) => current.state === "cold");
  for (const { current } of services) current.start();
  for (let round = 0; round < 2; round++) {
    assert.deepEqual([areCold(), isolates()], [true, 0]);
    const users = await Promise.all(names.map(async (name) => (await call(name, "/user")).text));
    if (hasOwnUser) assert.equal(new Set(users).size, names.length, users.join(", "));
    else assert.deepEqual(new Set(users), new Set([String(process.getuid?.())]));
    await until("all are cold again", areCold, 30_000);
  }
  await until("no isolate is left", () => isolates() === 0, 30_000);
});

test("a service that keeps its spares has them again after each call", async (t) => {
  const { host, call } = await startHost(t);
  const { current } = await host.add(await tenancyOf(t, files, { spares: 1, idleTimeout: 100 }), ["a.example.org"]);
  const ended: string[] = [];
  t.after(isolateEnded.subscribe(({ reason }) => void ended.push(reason)));
  await call("a.example.org", "/user");
  await until("one isolate was one too many", () => ended.length === 1, 30_000);
  assert.deepEqual([ended, current.isolates, current.state], [["idle"], 1, "serving"]);
});
