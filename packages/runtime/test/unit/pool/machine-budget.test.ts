/**
 * The pools of several services share turns to start isolates, the number of isolates, busy processors and one clock.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isolateRoom } from "../../../src/pool/machine-budget.ts";
import type { PoolOptions } from "../../../src/pool/pool-options.ts";
import type { FakeClock } from "../../fake-clock.ts";
import type { FakeSlot } from "../../fake-slot.ts";
import { budgetOf, PoolFixture, flushPromises } from "../../pool-fixture.ts";

const inUse: Partial<PoolOptions> = { keepsSpares: "in-use", spares: 1 };

/** Makes each start succeed as soon as it can. @returns the pools in the order in which they started isolates */
function startAll(fixtures: Readonly<Record<string, PoolFixture>>): string[] {
  const order: string[] = [];
  const seen = new Set<FakeSlot>();
  const note = (): FakeSlot | undefined => {
    let starting: FakeSlot | undefined;
    for (const [name, { slots }] of Object.entries(fixtures)) {
      for (const slot of slots) {
        if (!seen.has(slot)) order.push(name);
        seen.add(slot);
        if (slot.state === "starting") starting ??= slot;
      }
    }
    return starting;
  };
  for (let next = note(); next !== undefined; next = note()) {
    next.ready();
    for (const { clock } of Object.values(fixtures).slice(0, 1)) clock.advance(10);
  }
  return order;
}

test("pools take turns to start isolates, however many one of them needs", () => {
  const budget = budgetOf({ processors: 1 });
  const fixtures = { a: new PoolFixture({}, budget), b: new PoolFixture({}, budget), c: new PoolFixture({}, budget) };
  for (let i = 0; i < 5; i++) fixtures.a.call();
  for (let i = 0; i < 2; i++) fixtures.b.call();
  fixtures.c.call();
  assert.equal(startAll(fixtures).join(""), "abcabaaa");
});

test("isolates for waiting invocations start before spares", () => {
  const budget = budgetOf({ processors: 1 });
  const spares = new PoolFixture({ spares: 3 }, budget);
  const called = new PoolFixture({}, budget);
  spares.pool.start();
  called.call();
  called.call();
  assert.equal(startAll({ s: spares, c: called }).join(""), "sccss");
});

test("all pools together start at most one isolate per processor at once", () => {
  const budget = budgetOf({ processors: 2 });
  const fixtures = Array.from({ length: 5 }, () => new PoolFixture(inUse, budget));
  for (const fixture of fixtures) fixture.call();
  const starting = (): number =>
    fixtures.flatMap(({ slots }) => slots).filter(({ state }) => state === "starting").length;
  assert.equal(starting(), 2);
  fixtures[0]?.slot(0).warm();
  assert.equal(starting(), 2);
  assert.equal(fixtures[2]?.slots.length, 1);
  // A start that fails, and one that is ended, also free a turn.
  fixtures[1]?.slot(0).failToStart();
  assert.equal(fixtures[3]?.slots.length, 1);
  fixtures[2]?.slot(0).end("start-failed", "");
  assert.equal(fixtures[4]?.slots.length, 1);
});

test("a pool that needs no isolate any more when its turn comes starts none", async () => {
  const budget = budgetOf({ processors: 1 });
  const [first, second, third] = [
    new PoolFixture({}, budget),
    new PoolFixture({}, budget),
    new PoolFixture({}, budget),
  ];
  first.call();
  second.call();
  third.call();
  await second.pool.kill();
  first.slot(0).ready();
  assert.deepEqual([second.slots.length, third.slots.length], [0, 1]);
});

test("busy processors count across pools: a short invocation waits behind another instead of waking an isolate", () => {
  const budget = budgetOf({ processors: 2 });
  const [one, other] = [new PoolFixture({}, budget), new PoolFixture({}, budget)];
  const busy = one.serve("a", 1);
  one.call("b");
  one.call("b");
  const free = one.slot(1);
  free.ready();
  free.reply(50);
  busy.reply(50);
  for (let i = 0; i < 400; i++) one.serve("a", 0.5);
  const head = one.slots.find(({ state }) => state === "idle");
  assert.ok(head !== undefined);
  // One of two processors is busy: the second call gets the free isolate.
  one.call("a");
  one.call("a");
  assert.deepEqual(loads(one), [1, 1]);
  for (const slot of one.slots) slot.reply(0.5);
  // Both processors are busy, one of them with another service: the second call waits.
  other.call("a");
  other.slot(0).ready();
  one.call("a");
  one.call("a");
  assert.deepEqual([Math.min(...loads(one)), Math.max(...loads(one))], [0, 2]);
});

function loads({ slots }: PoolFixture): number[] {
  return slots.map(({ load }) => load);
}

test("at the limit, the service that was not called for longest gives up an idle isolate", async () => {
  const budget = budgetOf({ maxIsolates: 2 });
  const clock = budget.clock as FakeClock;
  const [old, recent, next] = [
    new PoolFixture(inUse, budget),
    new PoolFixture(inUse, budget),
    new PoolFixture(inUse, budget),
  ];
  old.serve();
  clock.advance(100);
  recent.serve();
  const call = next.call();
  assert.deepEqual([old.states(), recent.states(), next.states()], [["ending"], ["idle"], []]);
  old.slot(0).exit();
  next.slot(0).ready();
  next.slot(0).reply();
  await flushPromises();
  assert.equal(call.outcome, "replied");
});

test("an isolate that becomes idle gives its place at once to a service that waits for its first", () => {
  const budget = budgetOf({ maxIsolates: 1 });
  const [one, other] = [new PoolFixture(inUse, budget), new PoolFixture(inUse, budget)];
  one.call("a");
  one.slot(0).ready();
  one.call("b");
  other.call();
  one.slot(0).reply();
  assert.deepEqual([one.states(), other.states()], [["busy"], []], "its own work comes first");
  one.slot(0).reply();
  assert.deepEqual(one.states(), ["ending"]);
  one.slot(0).exit();
  assert.deepEqual([one.states(), other.states()], [[], ["starting"]]);
});

test("a spare never takes an isolate from another service", () => {
  const budget = budgetOf({ maxIsolates: 1 });
  const clock = budget.clock as FakeClock;
  const [one, other] = [new PoolFixture(inUse, budget), new PoolFixture({ spares: 1 }, budget)];
  one.serve();
  other.pool.start();
  clock.advance(1_000);
  assert.deepEqual([one.states(), other.states()], [["idle"], []]);
});

test("a service refuses waiting calls if it gets no isolate for ten seconds, not counting time while the gateway was blocked", async () => {
  const budget = budgetOf({ maxIsolates: 1 });
  const clock = budget.clock as FakeClock;
  const [one, other] = [new PoolFixture({}, budget), new PoolFixture({}, budget)];
  one.call();
  one.slot(0).ready();
  const call = other.call();
  clock.advance(5_000);
  clock.stall(20_000);
  await flushPromises();
  assert.equal(call.outcome, "waiting");
  clock.advance(5_100);
  await flushPromises();
  assert.equal(call.outcome, "server-overloaded");
  assert.equal(other.pool.running, 0);
  // There is a free place again, so the next call is served.
  one.slot(0).reply();
  const late = other.call();
  one.slot(0).exit();
  other.slot(0).ready();
  other.slot(0).reply();
  await flushPromises();
  assert.equal(late.outcome, "replied");
});

test("all pools share one timer, which runs only while one of them needs checks", () => {
  const budget = budgetOf();
  const clock = budget.clock as FakeClock;
  const fixtures = Array.from({ length: 10 }, () => new PoolFixture({}, budget));
  for (const fixture of fixtures) fixture.call();
  assert.equal(clock.timers, 1);
  startAll(Object.fromEntries(fixtures.entries()));
  for (const { slots } of fixtures) for (const slot of slots) slot.reply();
  clock.advance(120_000);
  for (const { slots } of fixtures) for (const slot of slots) slot.exit();
  clock.advance(20);
  assert.equal(clock.timers, 0);
});

test("two hundred cold pools take less than 100 kB each, and no timer", () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const budget = budgetOf();
  gc();
  const before = process.memoryUsage().heapUsed;
  const fixtures = Array.from({ length: 200 }, () => new PoolFixture(inUse, budget));
  gc();
  const eachBytes = (process.memoryUsage().heapUsed - before) / fixtures.length;
  assert.ok(eachBytes < 100_000, `${eachBytes} bytes each`);
  assert.ok(fixtures.every(({ pool }) => pool.isCold));
  assert.equal((budget.clock as FakeClock).timers, 0);
});

test("the limit on isolates follows from memory and descriptors", () => {
  const gb = 2 ** 30;
  assert.equal(isolateRoom(4 * gb, gb / 16, 1_000_000), 64);
  assert.equal(isolateRoom(400 * gb, gb / 16, 600), 100);
  assert.equal(isolateRoom(0, gb / 16, 600), 1);
});
