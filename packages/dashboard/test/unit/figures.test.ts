import assert from "node:assert/strict";
import { test } from "node:test";

import { bytesText, clockText, counted, durationText } from "../../src/page/figures.ts";
import { statusClassOf, statusText } from "../../src/page/status-text.ts";

test("durations and sizes have a readable unit", () => {
  assert.deepEqual([0.25, 12.4, 999, 1234, 45_600, 61_000].map(durationText), [
    "0.3 ms",
    "12 ms",
    "999 ms",
    "1.23 s",
    "45.6 s",
    "1 min 1 s",
  ]);
  assert.deepEqual([1, 20, 2_048, 3_400_000].map(bytesText), ["1 byte", "20 bytes", "2.0 kB", "3.4 MB"]);
  assert.equal(counted(1, "request"), "1 request");
  assert.equal(counted(5000, "request"), "5,000 requests");
});

test("times are local", () => {
  assert.equal(clockText(new Date(2026, 0, 2, 3, 4, 5, 6).getTime()), "03:04:05.006");
});

test("each status has a word", () => {
  assert.equal(statusText(200), "200 OK");
  assert.equal(statusText(418), "418 Refused");
  assert.equal(statusText(599), "599 Error");
  assert.equal(statusText(undefined), "running");
  assert.deepEqual([undefined, 204, 302, 404, 500].map(statusClassOf), [
    "running",
    "good",
    "redirect",
    "refused",
    "failed",
  ]);
});
