import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseEvicted, chooseSlot, type ChoiceRules, type SlotView } from "../../../src/pool/slot-choice.ts";
import type { Ticket } from "../../../src/pool/ticket.ts";

function slot(parts: Partial<SlotView> = {}): SlotView {
  const state = parts.state ?? "idle";
  return {
    state,
    hasRoom: state === "idle" || state === "warming",
    isRetiring: false,
    isSettling: false,
    load: state === "busy" ? 1 : 0,
    expectedMs: 1,
    tickets: state === "busy" ? [{ expectedMs: 1, startedAt: now } as Ticket] : [],
    usedAt: 0,
    function: undefined,
    ...parts,
  };
}

const now = 1_000;
const shared: ChoiceRules = { isPerFunction: false, mayQueue: true, processors: 2, busyElsewhere: () => 0, now };
const perFunction: ChoiceRules = { ...shared, isPerFunction: true };
const a = { function: "a", expectedMs: 1 };

test("an isolate of another function is chosen only if isolates are shared", () => {
  const slots = [slot({ function: "b", usedAt: 1 })];
  assert.equal(chooseSlot(slots, a, shared), slots[0]);
  assert.equal(chooseSlot(slots, a, perFunction), undefined);
});

test("an invocation does not wait in the pipe of another function's isolate", () => {
  for (const parts of [{}, { isSettling: true }, { expectedMs: 0.1 }]) {
    const busy = slot({ state: "busy", function: "b", ...parts });
    assert.equal(chooseSlot([busy], a, shared), busy);
    assert.equal(chooseSlot([busy], a, perFunction), undefined);
    const own = slot({ state: "busy", function: "a", ...parts });
    assert.equal(chooseSlot([busy, own], a, perFunction), own);
  }
});

test("an isolate that has served the function is preferred to one that has served nothing", () => {
  const [unused, own] = [slot(), slot({ function: "a", usedAt: 5 })];
  assert.equal(chooseSlot([unused, own], a, perFunction), own);
  assert.equal(chooseSlot([own, unused], a, perFunction), own);
  assert.equal(chooseSlot([unused, slot({ function: "b", usedAt: 9 })], a, perFunction), unused);
});

test("if no invocation may wait in a pipe, a busy isolate is not chosen", () => {
  assert.equal(chooseSlot([slot({ state: "busy", function: "a" })], a, { ...perFunction, mayQueue: false }), undefined);
});

test("the isolate that ends to free a place is idle, of another function, and unused for longest", () => {
  const oldest = slot({ function: "b", usedAt: 1 });
  const slots = [
    slot({ function: "a", usedAt: 0.5 }),
    slot({ function: "c", usedAt: 2 }),
    oldest,
    slot({ function: "b", state: "busy", usedAt: 0 }),
    slot(),
  ];
  assert.equal(chooseEvicted(slots, a), oldest);
  assert.equal(chooseEvicted([slot(), slot({ function: "a" }), slot({ state: "busy", function: "b" })], a), undefined);
});

interface Choice {
  readonly title: string;
  readonly slots: Readonly<Record<string, Partial<SlotView>>>;
  readonly expectedMs?: number;
  readonly rules?: Partial<ChoiceRules>;
  /** The name of the chosen slot. Undefined: the invocation waits. */
  readonly chosen: string | undefined;
}

/** A busy slot with a short invocation. */
function atWork(expectedMs = 1, parts: Partial<SlotView> = {}): Partial<SlotView> {
  return { state: "busy", expectedMs, tickets: [{ expectedMs, startedAt: now } as Ticket], ...parts };
}

function headSince(startedAt: number): Partial<SlotView> {
  return atWork(1, { tickets: [{ expectedMs: 1, startedAt } as Ticket] });
}

const choices: readonly Choice[] = [
  {
    title: "the idle isolate that was used last",
    slots: { old: { usedAt: 1 }, last: { usedAt: 9 }, new: {} },
    chosen: "last",
  },
  {
    title: "a loaded isolate before one that loads, even if that was used later",
    slots: { warming: { state: "warming", usedAt: 9 }, idle: { usedAt: 1 } },
    chosen: "idle",
  },
  { title: "an isolate that loads, if there is no other", slots: { warming: { state: "warming" } }, chosen: "warming" },
  {
    title: "none that starts or ends",
    slots: { a: { state: "starting" }, b: { state: "ending" } },
    chosen: undefined,
  },
  { title: "a free isolate while a processor is idle", slots: { busy: atWork(), free: {} }, chosen: "free" },
  {
    title: "the busy isolate with the shortest wait, once each processor has a busy one",
    slots: { late: atWork(1.5), soon: atWork(1), free: {} },
    chosen: "soon",
  },
  {
    title: "busy isolates of other services count, too",
    slots: { busy: atWork(), free: {} },
    rules: { busyElsewhere: () => 1 },
    chosen: "busy",
  },
  {
    title: "a free isolate with one more processor",
    slots: { busy: atWork(), free: {} },
    rules: { busyElsewhere: () => 1, processors: 3 },
    chosen: "free",
  },
  {
    title: "none for an invocation that may not be short",
    slots: { busy: atWork() },
    expectedMs: 2,
    chosen: undefined,
  },
  { title: "a busy isolate for a short invocation, if none is free", slots: { busy: atWork() }, chosen: "busy" },
  {
    title: "a busy isolate, if its wait is shorter than waking a free one",
    slots: { busy: atWork(0.39), free: {} },
    chosen: "busy",
  },
  { title: "a free isolate, if the wait is longer", slots: { busy: atWork(0.4), free: {} }, chosen: "free" },
  {
    title: "an isolate that has replied, because it is free in a moment",
    slots: { settling: atWork(1, { isSettling: true }), free: {} },
    chosen: "settling",
  },
  { title: "none behind a head that is not short", slots: { busy: atWork(2) }, chosen: undefined },
  { title: "a busy isolate whose head has run for 10 ms", slots: { busy: headSince(now - 10) }, chosen: "busy" },
  { title: "none behind a head that has run for longer", slots: { busy: headSince(now - 10.1) }, chosen: undefined },
  { title: "a busy isolate with a load of 64", slots: { busy: atWork(1, { load: 64 }) }, chosen: "busy" },
  { title: "none with a load of 65", slots: { busy: atWork(1, { load: 65 }) }, chosen: undefined },
  { title: "none that retires", slots: { busy: atWork(1, { isRetiring: true }) }, chosen: undefined },
];

for (const { title, slots, expectedMs = 1, rules, chosen } of choices) {
  test(`slot choice: ${title}`, () => {
    const made = Object.entries(slots).map(([name, parts]) => [name, slot(parts)] as const);
    for (const order of [made, made.toReversed()]) {
      const found = chooseSlot(
        order.map(([, each]) => each),
        { function: "a", expectedMs },
        { ...shared, ...rules },
      );
      assert.equal(order.find(([, each]) => each === found)?.[0], chosen);
    }
  });
}
