import assert from "node:assert/strict";
import { test } from "node:test";

import { mergeRows, maxRows } from "../../src/page/requests/exchange-rows.ts";
import { idsOf, row } from "./row.ts";

test("the newest row is first, in any order of arrival", () => {
  const rows = mergeRows(mergeRows([], [row(2), row(5)]), [row(1), row(7), row(3)]);
  assert.equal(idsOf(rows), "RQ7 RQ5 RQ3 RQ2 RQ1");
});

test("an update changes its row in place", () => {
  const { status: _, ...begun } = row(2);
  const rows = mergeRows([row(3), begun, row(1)], [row(2, { status: 500, code: "X" })]);
  assert.equal(idsOf(rows), "RQ3 RQ2 RQ1");
  assert.equal(rows[1]?.status, 500);
});

test("an older update does not remove a known reply", () => {
  const { status: _, ...begun } = row(1);
  assert.equal(mergeRows([row(1, { leftovers: "a timer" })], [begun])[0]?.status, 200);
  assert.equal(mergeRows([row(1, { leftovers: "a timer" })], [row(1)])[0]?.leftovers, "a timer");
});

test("rows of the same millisecond keep the order in which they arrived", () => {
  const at = (id: string): ReturnType<typeof row> => row(1, { id });
  const { status: _, ...begun } = at("b");
  const rows = mergeRows(mergeRows([], [at("a")]), [at("c"), at("b"), begun]);
  assert.equal(idsOf(rows), "c b a");
  assert.equal(rows[1]?.status, 200);
});

test("an empty update changes nothing, and the oldest rows are dropped", () => {
  const rows = [row(1)];
  assert.equal(mergeRows(rows, []), rows);
  const many = Array.from({ length: maxRows }, (_, index) => row(index));
  const merged = mergeRows(mergeRows([], many), [row(maxRows)]);
  assert.equal(merged.length, maxRows);
  assert.equal(merged[0]?.id, `RQ${maxRows}`);
  assert.equal(merged.at(-1)?.id, "RQ1");
});
