/** How a slot reacts to the messages of its isolate and to time, with an isolate that has no process. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SlotEnd } from "../../../src/pool/slot-end.ts";
import type { SlotListener, SlotStart } from "../../../src/pool/slot-like.ts";
import { Slot } from "../../../src/pool/slot.ts";
import { makeTicket, type Ticket } from "../../../src/pool/ticket.ts";
import { FakeClock } from "../../fake-clock.ts";
import { FakeIsolate } from "../../fake-isolate.ts";
import { invocationOf, setup } from "../../pool-fixture.ts";

class SlotFixture implements SlotListener {
  readonly clock = new FakeClock();
  readonly slot: Slot;
  readonly isolate: FakeIsolate;
  /** Calls of the pool's listener, in order. */
  readonly told: string[] = [];
  readonly returned: (readonly Ticket[])[] = [];
  end: SlotEnd | undefined;
  lost: readonly Ticket[] = [];

  constructor(options: Partial<SlotStart> = {}) {
    let isolate: FakeIsolate | undefined;
    const limits = { timeoutMs: 1_000, reuse: "clean", residentLimitBytes: 1_000_000 } as const;
    const start = { setup, user: undefined, debugging: undefined, ...limits, clock: this.clock, listener: this };
    this.slot = new Slot({ ...start, ...options }, (listener) => (isolate = new FakeIsolate(listener)));
    assert.ok(isolate !== undefined);
    this.isolate = isolate;
  }

  onFree = (): void => void this.told.push("free");
  onReply = (): void => void this.told.push("reply");
  onTimeout = (): void => void this.told.push("timeout");
  onLoadFailed = (name: string): void => void this.told.push(`load-failed ${name}`);
  onSettled = (): void => void this.told.push("settled");
  onDiagnosis = (): void => void this.told.push("diagnosis");
  onOutput = (): void => void this.told.push("output");
  onEnding = (): void => void this.told.push("ending");
  onReturned = (tickets: readonly Ticket[]): void => void this.returned.push(tickets);
  onEnded = (_slot: unknown, end: SlotEnd, lost: readonly Ticket[]): void => {
    this.end = end;
    this.lost = lost;
  };

  ready(): this {
    this.isolate.say({ kind: "ready" });
    return this;
  }

  give(name = "a"): Ticket {
    const ticket = makeTicket(invocationOf(name), () => {}, this.clock.now());
    this.slot.assign(ticket, 1, false);
    return ticket;
  }

  look(isMemoryDue = false, stalledMs = 0): void {
    this.slot.check(this.clock.now(), stalledMs, isMemoryDue);
  }
}

test("a slot is starting, warming, idle, busy, and idle again", () => {
  const fixture = new SlotFixture();
  const states = [fixture.slot.state];
  fixture.isolate.say({ kind: "loading", function: "a" });
  states.push(fixture.slot.state);
  fixture.ready();
  states.push(fixture.slot.state);
  const { id } = fixture.give();
  states.push(fixture.slot.state);
  fixture.isolate.reply(id);
  states.push(fixture.slot.state);
  fixture.isolate.settle(id);
  states.push(fixture.slot.state);
  assert.deepEqual(states, ["starting", "warming", "idle", "busy", "busy", "idle"]);
  assert.deepEqual(fixture.told, ["free", "free", "reply", "settled", "free"]);
});

for (const [concurrency, told] of [
  [1, ["free"]],
  [2, ["free", "free"]],
] as const) {
  test(`a slot that loads functions accepts one invocation, and ${concurrency} at once when it is ready`, () => {
    const fixture = new SlotFixture({ setup: { ...setup, concurrency } });
    fixture.isolate.say({ kind: "loading", function: "a" });
    fixture.give();
    assert.equal(fixture.slot.hasRoom, false);
    fixture.ready();
    assert.equal(fixture.slot.hasRoom, concurrency > 1);
    assert.deepEqual(fixture.told, told);
  });
}

test("an isolate that sends nothing for ten seconds is ended, and each message gives it ten more", () => {
  const fixture = new SlotFixture();
  fixture.clock.advance(9_000);
  fixture.isolate.say({ kind: "loading", function: "a" });
  fixture.clock.advance(9_000);
  assert.equal(fixture.isolate.isKilled, false);
  fixture.clock.advance(1_000);
  assert.equal(fixture.isolate.isKilled, true);
  fixture.isolate.exit({ code: null, signal: "SIGKILL" });
  assert.deepEqual([fixture.end?.reason, fixture.end?.detail], ["start-failed", "module scope of a does not end"]);
  assert.deepEqual([...fixture.slot.suspects("start-failed")], ["a"]);
  assert.equal(fixture.clock.timers, 0);
});

test("an invocation's time starts when no other is before it", () => {
  const fixture = new SlotFixture().ready();
  const [first, second] = [fixture.give(), fixture.give()];
  assert.deepEqual([first.startedAt, second.startedAt], [fixture.clock.now(), 0]);
  fixture.clock.advance(900);
  fixture.isolate.reply(first.id);
  fixture.isolate.settle(first.id);
  fixture.clock.advance(900);
  fixture.look();
  assert.deepEqual(fixture.told.includes("timeout"), false);
  fixture.clock.advance(101);
  fixture.look();
  assert.equal(fixture.told.at(-2), "timeout");
  assert.equal(fixture.isolate.isKilled, true);
});

test("time in which the gateway was blocked does not count towards the limit", () => {
  const fixture = new SlotFixture().ready();
  fixture.give();
  fixture.clock.advance(500);
  fixture.clock.advance(5_000);
  fixture.look(false, 5_000);
  assert.equal(fixture.isolate.isKilled, false);
  fixture.clock.advance(500);
  fixture.look();
  assert.equal(fixture.isolate.isKilled, false);
  fixture.clock.advance(1);
  fixture.look();
  assert.equal(fixture.isolate.isKilled, true);
});

test("an invocation gets back only the time that it has run", () => {
  const fixture = new SlotFixture().ready();
  fixture.clock.advance(5_000);
  fixture.give();
  fixture.clock.advance(10);
  fixture.look(false, 5_000);
  fixture.clock.advance(1_001);
  fixture.look();
  assert.equal(fixture.isolate.isKilled, true);
});

test("invocations behind a head that takes more than 10 ms are asked back once", () => {
  const fixture = new SlotFixture().ready();
  fixture.give();
  const waiting = [fixture.give(), fixture.give()];
  fixture.clock.advance(10);
  fixture.look();
  fixture.clock.advance(1);
  fixture.look();
  fixture.look();
  const retracts = fixture.isolate.sent.filter((message) => message.kind === "retract");
  assert.deepEqual(retracts, [{ kind: "retract", ids: waiting.map(({ id }) => id) }]);
  fixture.isolate.say({ kind: "retracted", ids: waiting.map(({ id }) => id) });
  assert.deepEqual(fixture.returned, [waiting]);
  assert.equal(fixture.slot.load, 1);
});

test("when the isolate dies, invocations that had not started go back in order, and started ones are lost", () => {
  const fixture = new SlotFixture().ready();
  const [head, ...waiting] = [fixture.give(), fixture.give(), fixture.give()];
  fixture.isolate.exit({ code: 1 });
  assert.deepEqual(fixture.returned, [waiting]);
  assert.deepEqual(fixture.lost, [head]);
  assert.deepEqual(
    waiting.map(({ returns }) => returns),
    [1, 1],
  );
});

test("leftovers end the isolate, and the invocations that wait there go back before it has ended", () => {
  const fixture = new SlotFixture().ready();
  const [head, ...waiting] = [fixture.give(), fixture.give()];
  fixture.isolate.reply(head.id);
  fixture.isolate.settle(head.id, ["1 timer"]);
  assert.deepEqual([fixture.slot.state, fixture.returned], ["ending", [waiting]]);
  fixture.isolate.exit({ code: null, signal: "SIGKILL" });
  assert.deepEqual([fixture.end?.reason, fixture.end?.detail, fixture.lost], ["leftovers", "1 timer", []]);
});

test("memory and CPU time are checked only when that is due, and only of a busy isolate", () => {
  const fixture = new SlotFixture().ready();
  fixture.isolate.memoryBytes = 1_000_001;
  fixture.look(true);
  fixture.give();
  fixture.look(false);
  assert.equal(fixture.isolate.isKilled, false);
  fixture.isolate.usedCpuMs = 199;
  fixture.isolate.memoryBytes = 1_000_000;
  fixture.isolate.usedCpuMs = 0;
  fixture.look(true);
  fixture.isolate.usedCpuMs = 199;
  fixture.look(true);
  assert.deepEqual([fixture.isolate.hasGivenWay, fixture.isolate.isKilled], [false, false]);
  fixture.isolate.usedCpuMs = 200;
  fixture.look(true);
  assert.deepEqual([fixture.isolate.hasGivenWay, fixture.isolate.isKilled], [true, false]);
  fixture.isolate.memoryBytes = 1_000_001;
  fixture.look(true);
  assert.equal(fixture.isolate.isKilled, true);
});

test("an isolate that computes after its reply is ended", () => {
  const fixture = new SlotFixture().ready();
  const { id } = fixture.give();
  fixture.isolate.reply(id);
  fixture.clock.advance(50);
  fixture.look();
  fixture.isolate.usedCpuMs = 101;
  fixture.look();
  fixture.isolate.exit({ code: null, signal: "SIGKILL" });
  assert.equal(fixture.end?.reason, "unresponsive");
});

test("time in which the gateway was blocked does not count against an isolate that has replied", () => {
  const fixture = new SlotFixture().ready();
  const { id } = fixture.give();
  fixture.isolate.reply(id);
  fixture.isolate.isRunnable = false;
  fixture.clock.advance(60);
  fixture.look();
  fixture.clock.advance(5_000);
  fixture.look(false, 5_000);
  assert.equal(fixture.isolate.isKilled, false);
  fixture.clock.advance(1_100);
  fixture.look();
  assert.equal(fixture.isolate.isKilled, true);
});

test("a reply to an invocation whose turn has not come ends the isolate", () => {
  const fixture = new SlotFixture().ready();
  fixture.give();
  const { id } = fixture.give();
  fixture.isolate.reply(id);
  assert.equal(fixture.told.includes("reply"), false);
  fixture.isolate.exit({ code: null, signal: "SIGKILL" });
  assert.equal(fixture.end?.reason, "protocol-broken");
});

test("an isolate that is never reused ends with its reply", () => {
  const fixture = new SlotFixture({ reuse: "never" }).ready();
  fixture.isolate.reply(fixture.give().id);
  assert.equal(fixture.isolate.isKilled, true);
});

test("an isolate that retires ends when its work is done, or at once", () => {
  const idle = new SlotFixture().ready();
  idle.slot.retire("reloaded");
  assert.equal(idle.isolate.isKilled, true);
  const busy = new SlotFixture().ready();
  const { id } = busy.give();
  busy.slot.retire("reloaded");
  assert.deepEqual([busy.slot.hasRoom, busy.isolate.isKilled], [false, false]);
  busy.isolate.reply(id);
  busy.isolate.settle(id);
  assert.equal(busy.isolate.isKilled, true);
});

test("with a concurrency of two, the time limit of one lets the other finish", () => {
  const fixture = new SlotFixture({ setup: { ...setup, concurrency: 2 } }).ready();
  fixture.give();
  fixture.clock.advance(500);
  const { id } = fixture.give();
  fixture.clock.advance(501);
  fixture.look();
  assert.deepEqual([fixture.told.at(-1), fixture.isolate.isKilled, fixture.slot.isRetiring], ["timeout", false, true]);
  fixture.isolate.reply(id);
  fixture.isolate.settle(id);
  assert.equal(fixture.isolate.isKilled, true);
});

test("a call is cold until its function is loaded, or if it waited for the isolate", () => {
  const fixture = new SlotFixture();
  const waited = makeTicket(invocationOf("a"), () => {}, fixture.clock.now());
  fixture.isolate.say({ kind: "loading", function: "a" });
  fixture.clock.advance(5);
  fixture.ready();
  fixture.slot.assign(waited, 1, false);
  fixture.isolate.reply(waited.id);
  fixture.isolate.settle(waited.id);
  fixture.clock.advance(5);
  assert.deepEqual([waited.isCold, fixture.give("a").isCold, fixture.give("b").isCold], [true, false, true]);
});
