/** Which invocations run, wait or are refused, with slots that have no process and a clock that the test moves. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PoolFixture, budgetOf, flushPromises } from "../../pool-fixture.ts";

test("invocations over the concurrency limit wait, and start in the order they arrived", async () => {
  const fixture = new PoolFixture({ concurrency: 1 });
  const calls = [fixture.call("a"), fixture.call("b"), fixture.call("c")];
  const slot = fixture.slot(0);
  slot.ready();
  slot.reply();
  slot.reply();
  assert.deepEqual(slot.asked, ["assign a", "assign b", "assign c"]);
  slot.reply();
  await flushPromises();
  assert.deepEqual(
    calls.map(({ outcome }) => outcome),
    ["replied", "replied", "replied"],
  );
});

test("an invocation over the limit is refused after queueTimeout, and not before", async () => {
  const fixture = new PoolFixture({ concurrency: 1, queueTimeoutMs: 100 });
  const runs = fixture.call();
  const waits = fixture.call();
  fixture.clock.advance(80);
  await flushPromises();
  assert.equal(waits.outcome, "waiting");
  fixture.clock.advance(40);
  await flushPromises();
  assert.equal(waits.outcome, "too-many-invocations");
  assert.equal(runs.outcome, "waiting");
});

test("time in which the gateway was blocked does not count as waiting", async () => {
  const fixture = new PoolFixture({ concurrency: 1, queueTimeoutMs: 100 });
  fixture.call();
  const waits = fixture.call();
  for (let i = 0; i < 3; i++) {
    fixture.clock.stall(5_000);
    await flushPromises();
    assert.equal(waits.outcome, "waiting");
  }
  fixture.clock.advance(140);
  await flushPromises();
  assert.equal(waits.outcome, "too-many-invocations");
});

test("an invocation that arrived while the gateway was blocked gets back only the time that it waited", async () => {
  const fixture = new PoolFixture({ concurrency: 1, queueTimeoutMs: 100 });
  fixture.call();
  const before = fixture.call();
  fixture.clock.advance(10);
  fixture.clock.stall(5_000);
  const after = fixture.call();
  fixture.clock.stall(300);
  fixture.clock.advance(80);
  await flushPromises();
  assert.deepEqual([before.outcome, after.outcome], ["waiting", "waiting"]);
  fixture.clock.advance(60);
  await flushPromises();
  assert.deepEqual([before.outcome, after.outcome], ["too-many-invocations", "too-many-invocations"]);
});

test("memory and CPU time are checked every 100 ms, and at each check if checks are rare", () => {
  const fixture = new PoolFixture();
  fixture.call();
  fixture.slot(0).ready();
  fixture.clock.advance(300);
  const { memoryLooks } = fixture.slot(0);
  assert.equal(memoryLooks.filter(Boolean).length, 3, memoryLooks.join());
  memoryLooks.length = 0;
  for (let i = 0; i < 4; i++) fixture.clock.stall(500);
  assert.deepEqual(memoryLooks, [true, true, true, true]);
});

test("busy isolates learn how long the gateway was blocked", () => {
  const fixture = new PoolFixture();
  fixture.call();
  fixture.slot(0).ready();
  fixture.clock.advance(20);
  fixture.clock.stall(700);
  fixture.clock.advance(20);
  assert.deepEqual(fixture.slot(0).stalls, [0, 700, 0]);
});

test("a thousand invocations wait over the limit, and the next one is refused at once", async () => {
  const fixture = new PoolFixture({ concurrency: 1 });
  const calls = Array.from({ length: 1_002 }, () => fixture.call());
  await flushPromises();
  assert.equal(calls[1_000]?.outcome, "waiting");
  assert.equal(calls[1_001]?.outcome, "too-many-invocations");
});

test("invocations that an isolate gives back run first, in the order they arrived", () => {
  const fixture = new PoolFixture({ concurrency: 5 });
  // The function is known to be short, so the others wait behind the first call.
  const slot = fixture.serve("a", 1);
  fixture.call("a");
  for (const _ of ["b", "c", "d"]) fixture.call("a");
  const given = slot.tickets.map(({ id }) => id);
  assert.equal(given.length, 4);
  // The first call turns out to be slow. Another call, whose duration is unknown, has arrived in the meantime.
  fixture.clock.advance(15);
  fixture.call("b");
  slot.giveBack();
  const next = fixture.slot(1);
  next.ready();
  const order = [next.tickets[0]?.id];
  for (let i = 0; i < 2; i++) {
    next.reply(50);
    order.push(next.tickets[0]?.id);
  }
  assert.deepEqual(order, given.slice(1));
  next.reply(50);
  assert.equal(next.tickets[0]?.invocation.function, "b");
});

test("an invocation that is given back again and again fails in the end", async () => {
  const fixture = new PoolFixture();
  const call = fixture.call();
  let rounds = 0;
  for (; call.outcome === "waiting" && rounds < 20; rounds++) {
    const slot = fixture.slot(-1);
    slot.warm();
    const ticket = slot.tickets[0];
    if (ticket !== undefined) {
      ticket.startedAt = 0;
      ticket.returns++;
    }
    slot.exit();
    await flushPromises();
  }
  assert.equal(call.outcome, "isolate-not-started");
  assert.equal(rounds, 9);
});

test("a pool that stops finishes its invocations, and refuses new ones", async () => {
  const fixture = new PoolFixture({ spares: 1 });
  const runs = fixture.call();
  fixture.slot(0).ready();
  let isStopped = false;
  void fixture.pool.stop().then(() => (isStopped = true));
  const late = fixture.call();
  await flushPromises();
  assert.deepEqual([runs.outcome, late.outcome], ["waiting", "server-draining"]);
  fixture.slot(0).reply();
  await flushPromises();
  assert.equal(runs.outcome, "replied");
  assert.equal(isStopped, false);
  for (const slot of fixture.slots) if (slot.state === "ending") slot.exit();
  await flushPromises();
  assert.equal(isStopped, true);
  assert.equal(fixture.clock.timers, 0);
});

test("a pool that is killed answers all waiting invocations, and starts no isolate", async () => {
  const fixture = new PoolFixture({ concurrency: 1 });
  const calls = [fixture.call(), fixture.call()];
  fixture.slot(0).ready();
  const end = fixture.pool.kill();
  fixture.slot(0).exit({ code: "server-stopped", reason: "stopped" });
  await end;
  await flushPromises();
  assert.deepEqual(
    calls.map(({ outcome }) => outcome),
    ["server-stopped", "server-draining"],
  );
  fixture.clock.advance(60_000);
  assert.equal(fixture.slots.length, 1);
});

test("a change ends idle isolates at once, and busy ones when they are done", () => {
  const fixture = new PoolFixture({ spares: 1 });
  fixture.pool.start();
  fixture.slot(0).ready();
  fixture.call();
  fixture.clock.advance(10);
  fixture.slot(1).ready();
  fixture.pool.update({ variables: { NEW: "1" } });
  assert.deepEqual(fixture.states().slice(0, 2), ["busy", "ending"]);
  assert.ok(fixture.slot(0).isRetiring);
  assert.equal(fixture.slot(2).start.setup.variables["NEW"], "1");
});

test("an invocation is crowded if every processor has a busy isolate, also one of another service", () => {
  const budget = budgetOf({ processors: 2 });
  const [fixture, other] = [new PoolFixture({}, budget), new PoolFixture({}, budget)];
  const isCrowded = (name: string): boolean | undefined => {
    fixture.call(name);
    const slot = fixture.slots.find(({ state }) => state === "starting");
    slot?.ready();
    return slot?.crowded.at(-1);
  };
  assert.equal(isCrowded("a"), false);
  assert.equal(isCrowded("b"), false);
  assert.equal(isCrowded("c"), true);
  fixture.slot(0).reply();
  fixture.slot(1).reply();
  other.call("d");
  other.slot(0).ready();
  assert.deepEqual(other.slot(0).crowded, [false]);
  fixture.call("e");
  assert.equal(fixture.slots.find(({ asked }) => asked.includes("assign e"))?.crowded.at(-1), true);
});
