import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseExpired, type IdleRules } from "../../../src/pool/idle-slots.ts";

const now = 100_000;
const rules: IdleRules = { isPerFunction: false, spares: 1, idleTimeoutMs: 1_000 };

/** A slot that has been idle for this long, and was last used so long ago. */
function idle(forMs: number, usedAgoMs = forMs, name?: string) {
  return { state: "idle" as const, load: 0, function: name, idleSince: now - forMs, usedAt: now - usedAgoMs };
}

test("isolates idle for longer than the timeout end, except the spares, starting with the one unused for longest", () => {
  const [old, older, oldest, recent] = [idle(1_001), idle(2_000), idle(3_000), idle(1_000)];
  assert.deepEqual(chooseExpired([old, older, recent, oldest], rules, now).expired, [oldest, older, old]);
  assert.deepEqual(chooseExpired([old, older, oldest], rules, now).expired, [oldest, older]);
  assert.deepEqual(chooseExpired([old], rules, now), { expired: [], hasSurplus: false });
  assert.deepEqual(chooseExpired([recent, recent], rules, now), { expired: [], hasSurplus: true });
});

test("without spares the last isolate ends, too", () => {
  const last = idle(1_001);
  assert.deepEqual(chooseExpired([last], { ...rules, spares: 0 }, now).expired, [last]);
});

test("an isolate that works, starts or ends is not idle", () => {
  const working = { ...idle(5_000), load: 1, state: "busy" as const };
  const starting = { ...idle(5_000), state: "starting" as const };
  assert.deepEqual(chooseExpired([working, starting], { ...rules, spares: 0 }, now), {
    expired: [],
    hasSurplus: false,
  });
});

test("isolates that belong to a function are counted separately from those for any function", () => {
  const [open, bound, other] = [idle(2_000, 0), idle(2_000, 10, "a"), idle(2_000, 20, "b")];
  const perFunction = { ...rules, isPerFunction: true };
  assert.deepEqual(chooseExpired([open, bound, other], perFunction, now).expired, [other]);
  assert.deepEqual(chooseExpired([open, bound, other], rules, now).expired, [other, bound]);
});
