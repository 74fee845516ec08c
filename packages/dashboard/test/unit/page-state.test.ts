import assert from "node:assert/strict";
import { test } from "node:test";

import { firstState, reducePage, type PageAction, type PageState } from "../../src/page/page-state.ts";
import { createStore } from "../../src/page/store.ts";
import { idsOf, row } from "./row.ts";

function after(...actions: readonly PageAction[]): PageState {
  return actions.reduce(reducePage, firstState);
}

test("a paused list updates its rows, shows no new ones, and loses nothing", () => {
  const { status: _, ...begun } = row(1);
  const paused = after(
    { type: "arrived", exchanges: [begun] },
    { type: "pause" },
    { type: "arrived", exchanges: [row(2), row(1)] },
    { type: "arrived", exchanges: [row(3)] },
  );
  assert.equal(idsOf(paused.rows), "RQ1");
  assert.equal(paused.rows[0]?.status, 200);
  assert.equal(paused.held.length, 2);
  const resumed = reducePage(paused, { type: "resume" });
  assert.equal(idsOf(resumed.rows), "RQ3 RQ2 RQ1");
  assert.equal(resumed.held.length, 0);
});

test("a new list replaces the known rows, and older rows are added below", () => {
  const listed = after(
    { type: "arrived", exchanges: [row(9)] },
    { type: "listed", page: { exchanges: [row(4), row(3)], before: "RQ3" } },
  );
  assert.equal(idsOf(listed.rows), "RQ4 RQ3");
  assert.equal(listed.before, "RQ3");
  const whole = reducePage(listed, { type: "older", page: { exchanges: [row(2), row(1)] } });
  assert.equal(idsOf(whole.rows), "RQ4 RQ3 RQ2 RQ1");
  assert.equal(whole.before, undefined);
});

const cleared = after(
  { type: "listed", page: { exchanges: [row(1)], before: "RQ1" } },
  { type: "pause" },
  { type: "arrived", exchanges: [row(2)] },
  { type: "resume" },
  { type: "pause" },
  { type: "arrived", exchanges: [row(3)] },
  { type: "clear" },
);

test("clearing removes held rows too", () => {
  assert.deepEqual([cleared.rows, cleared.held, cleared.before], [[], [], undefined]);
  assert.deepEqual(reducePage(cleared, { type: "clear" }), cleared);
});

test("a cleared list can be restored, with what has arrived since", () => {
  const later = reducePage(reducePage(cleared, { type: "resume" }), { type: "arrived", exchanges: [row(4), row(2)] });
  assert.equal(idsOf(later.rows), "RQ4");
  const restored = reducePage(later, { type: "restore" });
  assert.equal(idsOf(restored.rows), "RQ4 RQ3 RQ2 RQ1");
  assert.equal(restored.before, "RQ1");
  const deleted = reducePage(later, { type: "deleted" });
  assert.equal(idsOf(reducePage(deleted, { type: "restore" }).rows), "RQ4");
});

test("cleared rows stay away when the list is loaded again before they are deleted", () => {
  const listed = reducePage(cleared, { type: "listed", page: { exchanges: [row(5), row(3), row(2)], before: "RQ2" } });
  assert.equal(idsOf(listed.rows), "RQ5");
  assert.equal(listed.before, undefined);
  const cleared2 = reducePage(listed, { type: "clear" });
  assert.equal(idsOf(reducePage(cleared2, { type: "restore" }).rows), "RQ5 RQ3 RQ2 RQ1");
});

test("notices are limited, unique, and can be dismissed", () => {
  const addNotice = (text: string): PageAction => ({ type: "notice", level: "info", text });
  const state = after(addNotice("a"), addNotice("b"), addNotice("c"), addNotice("b"), addNotice("d"), addNotice("e"));
  assert.deepEqual(
    state.notices.map(({ text }) => text),
    ["c", "b", "d", "e"],
  );
  assert.equal(new Set(state.notices.map(({ id }) => id)).size, 4);
  const [first] = state.notices;
  assert.equal(reducePage(state, { type: "dismiss", id: first?.id ?? 0 }).notices.length, 3);
});

test("listeners are called only on changes", () => {
  const store = createStore(reducePage, firstState);
  let notified = 0;
  const end = store.subscribe(() => notified++);
  store.dispatch({ type: "connection", connection: "connecting" });
  assert.equal(notified, 0);
  store.dispatch({ type: "connection", connection: "live" });
  assert.equal(notified, 1);
  end();
  store.dispatch({ type: "connection", connection: "lost" });
  assert.equal(notified, 1);
  assert.equal(store.state().connection, "lost");
});
