/** Which environment gets which user. The test makes up the machine's processes and files. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { notices } from "../../../src/observe/channels.ts";
import { UserClaims } from "../../../src/pool/user-claims.ts";
import { UserLeases, type UserLease } from "../../../src/pool/user-leases.ts";
import { FakeClock } from "../../fake-clock.ts";
import { budgetOf, PoolFixture, flushPromises } from "../../pool-fixture.ts";

class MachineFixture {
  readonly folder: string;
  readonly clock = new FakeClock();
  /** Users that have processes or files. */
  readonly traces = new Set<number>();
  looks = 0;
  readonly #count: number;

  constructor(t: TestContext, count: number) {
    this.#count = count;
    const parent = mkdtempSync(join(tmpdir(), "offhook-leases-"));
    t.after(() => rmSync(parent, { recursive: true }));
    this.folder = join(parent, "users");
  }

  /** The leases of one server. Several calls stand for several servers. */
  server(): UserLeases {
    return new UserLeases({
      range: () => Array.from({ length: this.#count }, (_, index) => 101 + index),
      claims: new UserClaims([this.folder]),
      tracesOf: async () => {
        this.looks++;
        return new Set(this.traces);
      },
      clock: this.clock,
    });
  }
}

async function lease(
  leases: UserLeases,
  environment: string,
  signal = new AbortController().signal,
): Promise<UserLease> {
  return await leases.sourceFor(environment).acquire(signal);
}

test("each environment has its own user, with a group of the same number", async (t) => {
  const leases = new MachineFixture(t, 50).server();
  const users = await Promise.all(
    Array.from({ length: 50 }, async (_, index) => (await lease(leases, `ZE${index}`)).user),
  );
  assert.equal(new Set(users.map(({ uid }) => uid)).size, 50);
  assert.ok(users.every(({ uid, gid }) => uid === gid));
});

test("each server has its own users, even for the same environment", async (t) => {
  const machine = new MachineFixture(t, 10);
  const leases = [machine.server(), machine.server(), machine.server()];
  const users = await Promise.all(leases.flatMap((each) => [lease(each, "ZEa"), lease(each, "ZEb")]));
  assert.equal(new Set(users.map(({ user }) => user.uid)).size, 6);
});

test("pools of one environment have the same user until the last of them is done", async (t) => {
  const leases = new MachineFixture(t, 1).server();
  const [old, next] = await Promise.all([lease(leases, "ZEa"), lease(leases, "ZEa")]);
  assert.equal(old.user.uid, next.user.uid);
  old.release();
  old.release();
  let isGranted = false;
  const other = lease(leases, "ZEb").then((granted) => ((isGranted = true), granted));
  await flushPromises();
  assert.equal(isGranted, false);
  next.release();
  assert.equal((await other).user.uid, 101);
});

test("an environment gets its previous user again, at once and even if that user has files or processes", async (t) => {
  const machine = new MachineFixture(t, 10);
  const first = machine.server();
  for (const each of ["ZEa", "ZEb", "ZEc"]) (await lease(first, each)).release();
  for (const uid of [101, 102, 103]) machine.traces.add(uid);
  const looks = machine.looks;
  const granted = machine.server().sourceFor("ZEb").acquire(new AbortController().signal);
  assert.ok(!(granted instanceof Promise));
  assert.equal(granted.user.uid, 102);
  assert.equal(machine.looks, looks);
});

test("an environment does not get a user again that another had since, even if its record could not be removed", async (t) => {
  const machine = new MachineFixture(t, 2);
  (await lease(machine.server(), "ZEa")).release();
  // This record remains if another server can only read this folder and writes to another one.
  writeFileSync(join(machine.folder, "101.ZEb"), "");
  machine.traces.add(101);
  assert.equal((await lease(machine.server(), "ZEa")).user.uid, 102);
});

test("an environment that waits gets its own user as soon as another server gives it back", async (t) => {
  const machine = new MachineFixture(t, 1);
  const [first, second] = [await lease(machine.server(), "ZEa"), lease(machine.server(), "ZEa")];
  machine.traces.add(101);
  await flushPromises();
  first.release();
  machine.clock.advance(1_000);
  assert.equal((await second).user.uid, 101);
});

test("a user that a setting names is not given to other services while it is in use", async (t) => {
  const machine = new MachineFixture(t, 2);
  const [here, there] = [machine.server(), machine.server()];
  const user = { uid: 101, gid: 7 };
  const { signal } = new AbortController();
  const named = [here, there].map((each) => each.sourceOf(user, "ZEa").acquire(signal) as UserLease);
  assert.deepEqual(
    named.map((each) => each.user),
    [user, user],
  );
  assert.equal((await lease(there, "ZEb")).user.uid, 102);
  for (const each of named) each.release();
  assert.equal((await lease(here, "ZEc")).user.uid, 101);
  const outside = here.sourceOf({ uid: 1_000, gid: 1_000 }, "ZEa").acquire(signal) as UserLease;
  assert.equal(outside.user.uid, 1_000);
});

test("another environment gets a user only if that has no files and processes: the one given back longest ago", async (t) => {
  const machine = new MachineFixture(t, 3);
  const leases = machine.server();
  const [a, b, c] = [await lease(leases, "ZEa"), await lease(leases, "ZEb"), await lease(leases, "ZEc")];
  machine.traces.add(c.user.uid);
  c.release();
  const waits = lease(leases, "ZEd");
  await flushPromises();
  b.release();
  assert.equal((await waits).user.uid, b.user.uid);
  a.release();
  assert.equal((await lease(leases, "ZEe")).user.uid, a.user.uid);
});

test("of the users without files and processes, the one given back longest ago is given away first", async (t) => {
  const machine = new MachineFixture(t, 3);
  const leases = machine.server();
  const [a, b, c] = [await lease(leases, "ZEa"), await lease(leases, "ZEb"), await lease(leases, "ZEc")];
  for (const each of [b, c, a]) {
    each.release();
    await fileTimePasses(machine.folder);
  }
  const uids: number[] = [];
  for (const environment of ["ZEd", "ZEe", "ZEf"]) uids.push((await lease(leases, environment)).user.uid);
  assert.deepEqual(uids, [b.user.uid, c.user.uid, a.user.uid]);
});

/** Waits until a changed file gets another time stamp than before. */
async function fileTimePasses(folder: string): Promise<void> {
  const before = statSync(folder).ctimeMs;
  while (statSync(folder).ctimeMs === before) {
    await flushPromises();
    chmodSync(folder, 0o700);
  }
}

test("a user with processes or files is not given away, even if no environment is known to have had it", async (t) => {
  const machine = new MachineFixture(t, 3);
  machine.traces.add(101);
  machine.traces.add(102);
  assert.equal((await lease(machine.server(), "ZEa")).user.uid, 103);
});

test("a service that waits for a user looks again every second, and one warning says so", async (t) => {
  const machine = new MachineFixture(t, 1);
  const warnings: string[] = [];
  t.after(
    notices.subscribe(({ code, message }) => void (code === "isolate-user-unavailable" && warnings.push(message))),
  );
  machine.traces.add(101);
  const leases = machine.server();
  const granted: UserLease[] = [];
  void lease(leases, "ZEa").then((each) => granted.push(each));
  for (let i = 0; i < 3; i++) {
    await flushPromises();
    machine.clock.advance(1_000);
  }
  await flushPromises();
  assert.equal(machine.looks, 4);
  assert.deepEqual(warnings, [
    "All 1 users for isolates are in use, or have files in /tmp. Services without a user wait for one",
  ]);
  machine.traces.clear();
  machine.clock.advance(999);
  await flushPromises();
  assert.equal(granted.length, 0);
  machine.clock.advance(1);
  await flushPromises();
  assert.equal(granted[0]?.user.uid, 101);
});

test("while the system cannot report which users are free, none is given away", async (t) => {
  const machine = new MachineFixture(t, 3);
  let isBroken = true;
  const leases = new UserLeases({
    range: () => [101],
    claims: new UserClaims([machine.folder]),
    tracesOf: () => (isBroken ? Promise.reject(new Error("EMFILE")) : Promise.resolve(new Set())),
    clock: machine.clock,
  });
  const waits = lease(leases, "ZEa");
  await flushPromises();
  assert.equal(machine.clock.timers, 1);
  isBroken = false;
  machine.clock.advance(1_000);
  assert.equal((await waits).user.uid, 101);
});

test("a pool that gives up waiting holds no user and no timer", async (t) => {
  const machine = new MachineFixture(t, 1);
  const leases = machine.server();
  const held = await lease(leases, "ZEa");
  const request = new AbortController();
  const waits = lease(leases, "ZEb", request.signal);
  await flushPromises();
  request.abort();
  await assert.rejects(waits, { name: "AbortError" });
  assert.equal(machine.clock.timers, 0);
  held.release();
  // A pool that gives up while its search succeeds keeps no user.
  const late = new AbortController();
  const found = lease(leases, "ZEc", late.signal);
  late.abort();
  await assert.rejects(found, { name: "AbortError" });
  assert.equal((await lease(leases, "ZEd")).user.uid, 101);
});

test("a pool waits for a user, starts nothing before, and gives it back when it is cold or ended", async (t) => {
  const machine = new MachineFixture(t, 1);
  const leases = machine.server();
  const budget = budgetOf({ clock: machine.clock });
  const options = { keepsSpares: "in-use", idleTimeoutMs: 1_000 } as const;
  const [one, other] = ["ZEa", "ZEb"].map(
    (environment) => new PoolFixture({ ...options, users: leases.sourceFor(environment) }, budget),
  ) as [PoolFixture, PoolFixture];
  one.call();
  await flushPromises();
  assert.equal(one.slot(0).start.user?.uid, 101);
  const call = other.call();
  await flushPromises();
  assert.equal(other.slots.length, 0);
  one.slot(0).ready();
  one.slot(0).reply();
  machine.clock.advance(1_100);
  await flushPromises();
  assert.equal(other.slots.length, 0, "its process is not gone");
  one.slot(0).exit();
  await flushPromises();
  assert.equal(other.slot(0).start.user?.uid, 101);
  other.slot(0).ready();
  other.slot(0).reply();
  await flushPromises();
  assert.equal(call.outcome, "replied");
  const end = other.pool.kill();
  other.slot(0).exit();
  await end;
  assert.equal((await lease(leases, "ZEc")).user.uid, 101);
});

test("a pool that gets a user when no invocation waits any more gives it back", async (t) => {
  const machine = new MachineFixture(t, 1);
  const leases = machine.server();
  const held = await lease(leases, "ZEa");
  const options = { keepsSpares: "in-use", idleTimeoutMs: 1_000, users: leases.sourceFor("ZEb") } as const;
  const fixture = new PoolFixture(options, budgetOf({ clock: machine.clock }));
  const call = fixture.call();
  for (let i = 0; i < 12; i++) {
    await flushPromises();
    machine.clock.advance(1_000);
  }
  await flushPromises();
  assert.equal(call.outcome, "server-overloaded");
  held.release();
  await flushPromises();
  assert.equal((await lease(leases, "ZEc")).user.uid, 101);
  assert.equal(fixture.slots.length, 0);
});

test("a pool that gets no user in time refuses waiting calls, and one that ends while it waits is gone at once", async (t) => {
  const machine = new MachineFixture(t, 1);
  const leases = machine.server();
  await lease(leases, "ZEa");
  const fixture = new PoolFixture({ users: leases.sourceFor("ZEb") }, budgetOf({ clock: machine.clock }));
  const call = fixture.call();
  for (let i = 0; i < 12; i++) {
    await flushPromises();
    machine.clock.advance(1_000);
  }
  await flushPromises();
  assert.equal(call.outcome, "server-overloaded");
  fixture.call();
  await fixture.pool.kill();
  await flushPromises();
  assert.equal(machine.clock.timers, 0);
});
