/** When isolates and spares start and end, with slots that have no process and a clock that the test moves. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Debugging } from "../../../src/pool/debugging.ts";
import type { PoolOptions } from "../../../src/pool/pool-options.ts";
import type { UserLease } from "../../../src/pool/user-leases.ts";
import { budgetOf, PoolFixture, setup, flushPromises } from "../../pool-fixture.ts";

interface Case {
  readonly title: string;
  readonly options?: Partial<PoolOptions>;
  readonly processors?: number;
  readonly calls: string;
  /** Isolates that start at once. */
  readonly starts: number;
  /** All isolates, after each of them that can has become ready. */
  readonly inAll: number;
}

const cases: readonly Case[] = [
  { title: "a spare starts before the first call", options: { spares: 1 }, calls: "", starts: 1, inAll: 1 },
  {
    title: "no more spares start at once than there are processors",
    options: { spares: 5 },
    calls: "",
    starts: 2,
    inAll: 5,
  },
  { title: "without spares nothing starts", calls: "", starts: 0, inAll: 0 },
  { title: "each invocation that waits needs an isolate", calls: "abc", starts: 2, inAll: 3 },
  { title: "with four processors, four start at once", processors: 4, calls: "abcabc", starts: 4, inAll: 6 },
  {
    title: "spares start in addition to isolates for waiting calls",
    options: { spares: 2 },
    calls: "a",
    starts: 2,
    inAll: 3,
  },
  {
    title: "no more than the concurrency limit and the spares",
    options: { concurrency: 2, spares: 1 },
    calls: "aaaaa",
    starts: 2,
    inAll: 3,
  },
  {
    title: "an isolate that runs three invocations at once serves three",
    options: { setup: { ...setup, concurrency: 3 } },
    calls: "aaaa",
    starts: 2,
    inAll: 2,
  },
  {
    title: "functions that do not share isolates need one each",
    options: { isPerFunction: true },
    calls: "aab",
    starts: 2,
    inAll: 3,
  },
];

for (const { title, options, processors = 2, calls, starts, inAll } of cases) {
  test(title, () => {
    const fixture = new PoolFixture(options, budgetOf({ processors }));
    fixture.pool.start();
    for (const name of calls) fixture.call(name);
    assert.equal(fixture.slots.length, starts);
    for (let at = 0; at < fixture.slots.length; at++) {
      fixture.slot(at).ready();
      fixture.clock.advance(10);
    }
    assert.equal(fixture.slots.length, inAll);
  });
}

test("a used spare is replaced after a moment, unless it is free again by then", () => {
  const fixture = new PoolFixture({ spares: 1 });
  fixture.pool.start();
  fixture.slot(0).ready();
  fixture.call();
  fixture.clock.advance(9);
  fixture.slot(0).reply();
  fixture.clock.advance(100);
  assert.equal(fixture.slots.length, 1);
  fixture.call();
  assert.equal(fixture.slots.length, 1);
  fixture.clock.advance(10);
  assert.equal(fixture.slots.length, 2);
});

test("a spare does not start at the moment when an invocation starts, even if its pool asked earlier", () => {
  const fixture = new PoolFixture({ spares: 1 }, budgetOf({ processors: 1 }));
  fixture.call();
  fixture.slot(0).ready();
  assert.deepEqual(fixture.states(), ["busy"]);
  fixture.clock.advance(9);
  assert.equal(fixture.slots.length, 1);
  fixture.clock.advance(1);
  assert.equal(fixture.slots.length, 2);
});

test("an isolate that ends before it is ready is replaced", () => {
  const fixture = new PoolFixture({ spares: 1 }, budgetOf({ processors: 1 }));
  fixture.pool.start();
  fixture.slot(0).end("start-failed", "");
  assert.equal(fixture.slots.length, 2);
  fixture.slot(0).exit();
  assert.deepEqual(fixture.states(), ["starting"]);
});

test("failed starts are retried with longer and longer pauses, and waiting invocations fail with the third", async () => {
  const fixture = new PoolFixture({ concurrency: 1 });
  const call = fixture.call();
  const pauses: number[] = [];
  for (let failures = 0; failures < 6; failures++) {
    fixture.slot(-1).failToStart();
    await flushPromises();
    assert.equal(call.outcome === "waiting", failures < 2, `${failures}`);
    if (failures >= 2) fixture.call();
    const before = fixture.slots.length;
    let pause = 0;
    for (; fixture.slots.length === before && pause < 5_000; pause += 10) fixture.clock.advance(10);
    pauses.push(pause);
  }
  assert.equal(call.outcome, "isolate-not-started");
  assert.deepEqual(pauses, [100, 200, 400, 800, 1_600, 2_000]);
});

test("a successful start resets the count of failures", () => {
  const fixture = new PoolFixture();
  fixture.call();
  fixture.slot(0).failToStart();
  fixture.clock.advance(100);
  fixture.slot(1).failToStart();
  fixture.clock.advance(200);
  fixture.slot(2).ready();
  fixture.slot(2).exit();
  fixture.call();
  fixture.slot(3).failToStart();
  fixture.clock.advance(100);
  assert.equal(fixture.slots.length, 5);
});

test("an invocation continues to wait while another process kills the isolates that start for it", async () => {
  const fixture = new PoolFixture();
  const call = fixture.call();
  for (let kills = 0; kills < 10; kills++) {
    fixture.slot(-1).failToStart(true);
    fixture.clock.advance(500);
  }
  await flushPromises();
  assert.equal(call.outcome, "waiting");
  assert.equal(fixture.slots.length, 11);
});

test("idle isolates beyond the spares end after idleTimeout, the one unused for longest first", () => {
  const fixture = new PoolFixture({ spares: 1, idleTimeoutMs: 1_000 });
  fixture.pool.start();
  for (const _ of [1, 2, 3]) fixture.call("a");
  for (const at of [0, 1, 2]) fixture.slot(at).ready();
  for (const at of [1, 0, 2]) {
    fixture.slot(at).reply(50);
    fixture.clock.advance(5);
  }
  fixture.clock.advance(900);
  assert.deepEqual(fixture.states().slice(0, 3), ["idle", "idle", "idle"]);
  fixture.clock.advance(200);
  assert.ok(fixture.slot(1).asked.includes("end idle"));
  assert.equal(fixture.states().filter((state) => state === "idle").length, 1);
  assert.equal(fixture.slot(2).state, "idle");
});

test("if isolates are not shared, the one unused for longest ends so that another function can have one", () => {
  const fixture = new PoolFixture({ isPerFunction: true, concurrency: 2 });
  fixture.serve("a");
  fixture.clock.advance(5);
  fixture.serve("b");
  fixture.call("c");
  assert.deepEqual(fixture.slot(0).asked.at(-1), "end idle");
  assert.equal(fixture.slot(1).state, "idle");
  fixture.slot(0).exit();
  fixture.slot(2).ready();
  assert.deepEqual(fixture.slot(2).asked, ["assign c"]);
});

test("a cold pool has no process and no timer, and one start makes it warm", async () => {
  const fixture = new PoolFixture({ keepsSpares: "in-use", spares: 1, idleTimeoutMs: 1_000 });
  fixture.pool.start();
  fixture.clock.advance(10_000);
  assert.deepEqual([fixture.slots.length, fixture.clock.timers, fixture.pool.isCold], [0, 0, true]);
  const call = fixture.call();
  assert.equal(fixture.slots.length, 1);
  assert.equal(fixture.pool.isCold, false);
  fixture.slot(0).ready();
  fixture.slot(0).reply();
  await flushPromises();
  assert.equal(call.outcome, "replied");
});

test("a service in use has its spares, and its pool is cold again idleTimeout after the last call", () => {
  const fixture = new PoolFixture({ keepsSpares: "in-use", spares: 1, idleTimeoutMs: 1_000 });
  fixture.call();
  fixture.slot(0).ready();
  fixture.clock.advance(20);
  assert.deepEqual(fixture.states(), ["busy", "starting"]);
  fixture.slot(1).ready();
  fixture.slot(0).reply();
  fixture.clock.advance(900);
  fixture.call();
  const [used] = fixture.slots.filter(({ load }) => load > 0);
  used?.reply();
  // One of the two isolates is surplus now. The other is the spare of a service in use.
  fixture.clock.advance(900);
  for (const slot of fixture.slots) if (slot.state === "ending") slot.exit();
  assert.deepEqual(fixture.states(), ["idle"]);
  fixture.clock.advance(200);
  assert.deepEqual(fixture.states(), ["ending"]);
  for (const slot of fixture.slots) if (slot.state === "ending") slot.exit();
  fixture.clock.advance(60_000);
  assert.deepEqual([fixture.states(), fixture.clock.timers, fixture.pool.isCold], [[], 0, true]);
});

test("a service without calls is cold even if idle isolates never expire", () => {
  const fixture = new PoolFixture({ keepsSpares: "in-use", spares: 1, idleTimeoutMs: Infinity });
  fixture.pool.start();
  assert.deepEqual([fixture.slots.length, fixture.pool.isCold], [0, true]);
});

test("a change starts nothing in a cold pool", () => {
  const fixture = new PoolFixture({ keepsSpares: "in-use", spares: 1 });
  fixture.pool.update({ variables: { A: "1" } });
  fixture.clock.advance(1_000);
  assert.equal(fixture.slots.length, 0);
  fixture.call();
  assert.equal(fixture.slot(0).start.setup.variables["A"], "1");
});

test("a pool that always keeps its spares is never cold", () => {
  const fixture = new PoolFixture({ spares: 1, idleTimeoutMs: 1_000 });
  fixture.pool.start();
  fixture.slot(0).ready();
  fixture.serve();
  fixture.clock.advance(3_600_000);
  assert.deepEqual(fixture.states(), ["idle"]);
  assert.equal(fixture.pool.isCold, false);
});

test("isolates load the functions that were called first, and none that may have ended an isolate", () => {
  const fixture = new PoolFixture({ setup: { ...setup, preload: ["a", "b"] } });
  fixture.serve("c");
  fixture.call("c");
  fixture.call("a");
  fixture.slot(1).suspects = () => ["a"];
  assert.deepEqual(fixture.slot(1).start.setup.preload, ["c", "a", "b"]);
  fixture.slot(1).exit();
  fixture.clock.advance(20);
  assert.deepEqual(fixture.slot(-1).start.setup.preload, ["c", "b"]);
});

test("an isolate that the pool ended makes no suspects of the functions it was loading", () => {
  const fixture = new PoolFixture({ setup: { ...setup, preload: ["a"] } });
  fixture.call("b");
  fixture.slot(0).suspects = () => ["a"];
  fixture.pool.update({ variables: {} });
  fixture.slot(0).exit();
  fixture.call("b");
  assert.equal(fixture.slots.length, 3);
  assert.deepEqual(fixture.slot(2).start.setup.preload, ["a"]);
});

test("a debugger sees one isolate at a time, however many calls wait", () => {
  const debugging: Debugging = {
    setup: () => ({ waits: false, stopsAtFirstLine: false }),
    onMessage: () => {},
    onExiting: () => {},
    onEnded: () => {},
    isHeld: false,
    takeHeldMs: () => 0,
    withoutNotes: (text) => text,
  };
  const fixture = new PoolFixture({ debugging, spares: 1 });
  for (const name of ["a", "b", "c"]) fixture.call(name);
  fixture.slot(0).ready();
  fixture.pool.update({ variables: {} });
  fixture.clock.advance(100);
  assert.equal(fixture.slots.length, 1);
  fixture.slot(0).reply();
  fixture.slot(0).end("reloaded", "");
  fixture.clock.advance(100);
  assert.equal(fixture.slots.length, 1);
  fixture.slot(0).exit();
  fixture.clock.advance(100);
  assert.equal(fixture.slots.length, 2);
});

/** Records the events that a pool reports about all its isolates. */
function listening(options: Partial<PoolOptions> = {}): { fixture: PoolFixture; said: string[] } {
  const said: string[] = [];
  const listeners = {
    onStart: () => void (said.at(-1) === "start" || said.push("start")),
    onReady: () => void said.push("ready"),
    onStartGivenUp: (detail: string) => void said.push(`hopeless: ${detail}`),
    onCold: () => void said.push("cold"),
  };
  return { fixture: new PoolFixture({ ...listeners, ...options }), said };
}

test("a pool reports its start, each ready isolate, and when it is cold", () => {
  const { fixture, said } = listening({ idleTimeoutMs: 1_000 });
  fixture.call();
  fixture.call();
  assert.deepEqual(said, ["start"]);
  fixture.slot(0).ready();
  fixture.slot(0).reply();
  fixture.slot(0).reply();
  fixture.slot(1).ready();
  assert.deepEqual(said, ["start", "ready", "ready"]);
  fixture.clock.advance(2_000);
  for (const slot of fixture.slots) slot.exit();
  assert.deepEqual(said, ["start", "ready", "ready", "cold"]);
  fixture.call();
  assert.deepEqual(said.slice(4), ["start"]);
});

test("a pool reports its start while it waits for a user, and is cold if it no longer needs the user", async () => {
  const lease = Promise.withResolvers<UserLease>();
  let released = 0;
  const { fixture, said } = listening({ users: { acquire: () => lease.promise } });
  fixture.pool.start(1);
  assert.deepEqual([said, fixture.slots.length], [["start"], 0]);
  fixture.pool.start(0);
  lease.resolve({ user: { uid: 7, gid: 7 }, release: () => released++ });
  await flushPromises();
  assert.deepEqual([said, fixture.slots.length, released], [["start", "cold"], 0, 1]);
});

test("a pool reports that it is hopeless when starts fail one after another", () => {
  const { fixture, said } = listening();
  const call = fixture.call();
  for (let i = 0; i < 3; i++) {
    fixture.slot(-1).failToStart();
    fixture.clock.advance(1_000);
  }
  assert.deepEqual(said, ["start", "hopeless: no", "cold"]);
  assert.equal(call.outcome, "waiting");
});

test("the isolates that a replacement asks for stay idle until it asks for fewer", () => {
  for (const keepsSpares of ["always", "in-use"] as const) {
    const fixture = new PoolFixture({ spares: 1, keepsSpares, idleTimeoutMs: 1_000 }, budgetOf({ processors: 4 }));
    fixture.pool.start(3);
    for (const slot of fixture.slots) slot.ready();
    assert.equal(fixture.pool.isolates, 3);
    fixture.clock.advance(5_000);
    assert.deepEqual(fixture.states(), ["idle", "idle", "idle"]);
    fixture.pool.start();
    fixture.clock.advance(100);
    const left = fixture.states().filter((state) => state === "idle");
    assert.equal(left.length, keepsSpares === "always" ? 1 : 0, keepsSpares);
  }
});
