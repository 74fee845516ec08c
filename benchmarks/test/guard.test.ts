import assert from "node:assert/strict";
import { test } from "node:test";
import { comparison, ratiosOf } from "../src/guard-run.ts";
import { guardNames, noiseOf, recordOf, verdictOf, type GuardName, type GuardRatios } from "../src/guard.ts";
import { cellWith } from "./sample-results.ts";

function allAt(ratio: number): GuardRatios {
  return Object.fromEntries(guardNames.map((name) => [name, ratio])) as Record<GuardName, number>;
}

test("several runs are recorded as median, lowest and highest", () => {
  const record = recordOf([allAt(0.6), allAt(0.5), allAt(0.64)]);
  assert.deepEqual(record["hello at 50 connections"], { ratio: 0.6, low: 0.5, high: 0.64 });
});

test("the tolerance is one and a half times the recorded spread, and at least a tenth", () => {
  assert.ok(Math.abs(noiseOf({ ratio: 1, low: 0.8, high: 1.1 }) - 0.3) < 1e-9);
  assert.ok(Math.abs(noiseOf({ ratio: 1, low: 0.99, high: 1.01 }) - 0.1) < 1e-9);
});

test("whether a change is worse depends on the figure's direction", () => {
  const entry = { ratio: 1, low: 0.95, high: 1.05 };
  assert.equal(verdictOf("hello at 50 connections", 0.8, entry), "worse by more than the noise");
  assert.equal(verdictOf("hello at 50 connections", 0.95, entry), "within the noise");
  assert.equal(verdictOf("hello at 50 connections", 1.2, entry), "better");
  assert.equal(verdictOf("start to first reply", 1.2, entry), "worse by more than the noise");
  assert.equal(verdictOf("start to first reply", 0.8, entry), "better");
  assert.equal(verdictOf("start to first reply", 0.8, undefined), "not recorded");
});

test("the table has the current figure, the recorded figure and the verdict", () => {
  const record = { date: "2026-01-01", runs: 3, machine: "a made-up one", ratios: recordOf([allAt(1)]) };
  const lines = comparison({ ...allAt(1), "hello at 50 connections": 0.5 }, record).split("\n");
  assert.equal(lines.length, 2 + guardNames.length);
  assert.match(lines[2] ?? "", /hello at 50 connections.*0\.50.*1\.00 \(1\.00–1\.00\).*worse by more than the noise/);
  assert.match(lines[3] ?? "", /within the noise/);
  assert.match(comparison(allAt(1), undefined), /not recorded/);
});

test("ratios are computed per round, and an added time is the part above 1", () => {
  const ratios = ratiosOf({
    cells: [
      cellWith("hello", "node-http", 50, [1000, 2000]),
      cellWith("hello", "offhook", 50, [500, 1000]),
      cellWith("hello", "node-http", 1, [100, 100], 40),
      cellWith("hello", "offhook", 1, [50, 50], 100),
      cellWith("cpu", "node-http", 10, [200, 200]),
      cellWith("cpu", "offhook", 10, [300, 300]),
    ],
    measures: [
      {
        name: "start",
        title: "",
        notes: [],
        rows: [
          { key: "start offhook", label: "", unit: "ms", samples: [200, 300] },
          { key: "start node-http", label: "", unit: "ms", samples: [100, 100] },
          { key: "first offhook", label: "", unit: "ms", samples: [4] },
          { key: "alternating hello", label: "", unit: "/s", samples: [500, 1000] },
          { key: "alternating twiml", label: "", unit: "/s", samples: [400, 800] },
        ],
      },
    ],
  });
  assert.deepEqual(ratios, {
    "hello at 50 connections": 0.5,
    "p50 added to hello at 1 connection": 1.5,
    "twiml against hello": 0.8,
    "5 ms of computing at 10 connections": 1.5,
    "start to first reply": 2.5,
    "first reply from a spare isolate": 0.04,
  });
});
