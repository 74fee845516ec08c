import assert from "node:assert/strict";
import { test } from "node:test";
import { median, ratios, rotated, spreadOf } from "../src/statistics.ts";

test("the median is the middle value, or the mean of the two in the middle", () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([10, 2, 4, 1]), 3);
  assert.ok(Number.isNaN(median([])));
});

test("a spread has the median and both ends", () => {
  assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, low: 1, high: 3, count: 3 });
  assert.equal(spreadOf([]), undefined);
});

test("ratios are computed within a round, if both have a figure", () => {
  const ours = new Map([
    [0, 50],
    [1, 20],
    [3, 10],
  ]);
  const theirs = new Map([
    [0, 100],
    [1, 40],
    [2, 80],
    [3, 0],
  ]);
  assert.deepEqual(ratios(ours, theirs), [0.5, 0.5]);
});

test("each item is first once", () => {
  assert.deepEqual(
    [0, 1, 2, 3].map((round) => rotated(["a", "b", "c"], round).join("")),
    ["abc", "bca", "cab", "abc"],
  );
  assert.deepEqual(rotated([], 4), []);
});
