import assert from "node:assert/strict";
import { test } from "node:test";

import { scrolledTo, windowOf } from "../../src/page/requests/list-window.ts";

test("only the rows in sight and a few more are in the window, at any position", () => {
  for (const scrollTop of [-50, 0, 3000, 279_000, 999_999]) {
    const { from, to } = windowOf(5000, 56, scrollTop, 700);
    assert.ok(from >= 0 && to <= 5000 && from < to, `${scrollTop}: ${from} to ${to}`);
    assert.ok(to - from <= 40, `${scrollTop}: ${to - from} rows`);
  }
  assert.deepEqual(windowOf(3, 56, 0, 700), { from: 0, to: 3 });
  assert.deepEqual(windowOf(0, 56, 0, 700), { from: 0, to: 0 });
});

test("the rows in sight are in the window", () => {
  const { from, to } = windowOf(5000, 56, 56 * 100, 560);
  assert.ok(from <= 100 && to >= 110);
});

test("the list scrolls no further than a row needs", () => {
  assert.equal(scrolledTo(2, 50, 0, 500), 0);
  assert.equal(scrolledTo(20, 50, 0, 500), 550);
  assert.equal(scrolledTo(3, 50, 400, 500), 150);
});
