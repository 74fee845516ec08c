import assert from "node:assert/strict";
import { test } from "node:test";
import { chartOf } from "../src/chart.ts";
import { figureTable, reportOf } from "../src/report.ts";
import type { Measure } from "../src/results.ts";
import { cellWith, resultsWith } from "./sample-results.ts";

const cells = [
  cellWith("hello", "node-http", 50, [1000, 2000]),
  cellWith("hello", "offhook", 50, [700, 1300]),
  cellWith("hello", "functions-framework", 50, [1400, 1300]),
  cellWith("protected", "node-http", 50, [1000, 1000]),
  cellWith("protected", "twilio-run-no-fork", 50, [100, 100]),
];
const start: Measure = {
  name: "start",
  title: "From start to first reply",
  rows: [
    { key: "start node-http", label: "node:http", unit: "ms", samples: [40, 50] },
    { key: "start offhook", label: "Offhook", unit: "ms", samples: [400, 450] },
  ],
  notes: ["A note."],
};

/** The cells of a line, trimmed. */
function lineWith(report: string, ...parts: string[]): string[] {
  const line = report.split("\n").find((each) => parts.every((part) => each.includes(part)));
  assert.ok(line !== undefined, `no line with ${parts.join(", ")}`);
  return line.split("|").map((cell) => cell.trim());
}

test("target figures say whether they are reached, and those that were not measured are left out", () => {
  const table = figureTable(resultsWith({ cells, measures: [start] }));
  const hello = lineWith(table, "against node:http");
  assert.deepEqual(hello.slice(2, 5), ["≥ 0.6×", "0.68× (0.65–0.70)", "reached"]);
  assert.deepEqual(lineWith(table, "functions-framework").slice(2, 5), ["≥ 1×", "0.75× (0.50–1.00)", "not reached"]);
  assert.deepEqual(lineWith(table, "start to first reply").slice(2, 5), [
    "≤ 300 ms",
    "425 ms (400–450)",
    "not reached",
  ]);
  assert.equal(table.includes("memory"), false);
});

test("a scenario's table has ratios first, and marks servers that do less", () => {
  const report = reportOf(resultsWith({ cells }));
  assert.deepEqual(lineWith(report, "Offhook", "0.68").slice(1, 8), [
    "Offhook",
    "50",
    "0.68 (0.65–0.70)",
    "1,000",
    "100 µs",
    "300 µs",
    "0",
  ]);
  assert.equal(lineWith(report, "--no-fork-process")[1], "twilio-run --no-fork-process (1)");
  assert.match(report, /^- \(1\) does not check signatures\.$/m);
});

test("replies with an error do not count as replies", () => {
  const [bare, ours] = cells;
  const refusing = { ...ours, windows: ours?.windows.map((window) => ({ ...window, statusErrors: 400 })) ?? [] };
  const report = reportOf(resultsWith({ cells: [bare, refusing] as typeof cells }));
  assert.deepEqual(lineWith(report, "| Offhook", "0.38 (").slice(3, 5), ["0.38 (0.30–0.45)", "600"]);
  assert.match(report, /gets a 429/);
});

test("a peer that fails is reported with its reason", () => {
  const failure = { target: "workerd", where: "hello", isWrongReply: false, message: "it ended\nwith 1" } as const;
  const report = reportOf(resultsWith({ cells, failures: [failure] }));
  assert.match(report, /## What did not work\n\n- workerd, `hello`: failed\.\n\n {2}```text\n {2}it ended\n {2}with 1/);
});

test("all rows of a table are as wide as its header", () => {
  const report = reportOf(resultsWith({ cells, measures: [start] }));
  for (const table of report.split("\n\n").filter((part) => part.startsWith("|"))) {
    const widths = new Set(table.split("\n").map((line) => Array.from(line).length));
    assert.equal(widths.size, 1, table);
  }
});

test("the chart has a bar for each server except node:http, and both colour schemes", () => {
  const picture = chartOf(resultsWith({ cells })) ?? "";
  assert.equal(picture.match(/class="bar( ours)?"/g)?.length, 3);
  assert.match(picture, /prefers-color-scheme: dark/);
  assert.match(picture, />0\.68</);
  assert.equal(chartOf(resultsWith({})), undefined);
});
