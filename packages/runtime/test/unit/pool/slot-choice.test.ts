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

test("an isolate of another function is chosen where isolates are shared, and not otherwise", () => {
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

test("an isolate that has served the function is better than one that has served nothing", () => {
  const [unused, own] = [slot(), slot({ function: "a", usedAt: 5 })];
  assert.equal(chooseSlot([unused, own], a, perFunction), own);
  assert.equal(chooseSlot([own, unused], a, perFunction), own);
  assert.equal(chooseSlot([unused, slot({ function: "b", usedAt: 9 })], a, perFunction), unused);
});

test("where nothing may wait in a pipe, a busy isolate is not chosen", () => {
  assert.equal(chooseSlot([slot({ state: "busy", function: "a" })], a, { ...perFunction, mayQueue: false }), undefined);
});

test("the isolate that ends to make room is idle, of another function, and unused for longest", () => {
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
