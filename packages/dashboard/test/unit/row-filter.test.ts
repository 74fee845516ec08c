import assert from "node:assert/strict";
import { test } from "node:test";

import { isFiltering, matchingRows, noFilter } from "../../src/page/requests/row-filter.ts";
import { idsOf, row } from "./row.ts";

const { status: _, ...running } = row(5);
const rows = [
  running,
  row(4, { path: "/voice", label: "call CA1 from +1555", isCold: true }),
  row(3, { status: 500, code: "FUNCTION_THREW" }),
  row(2, { status: 404, path: "/favicon.ico", method: "GET" }),
  row(1, { complaints: 2 }),
];

test("without a filter, the same list is returned", () => {
  assert.equal(matchingRows(rows, noFilter), rows);
  assert.equal(isFiltering({ ...noFilter, text: "  " }), false);
});

test("a row must contain all words", () => {
  const found = (text: string): string => idsOf(matchingRows(rows, { ...noFilter, text }));
  assert.equal(found("voice"), "RQ4");
  assert.equal(found("post THREW"), "RQ3");
  assert.equal(found("get not found"), "RQ2");
  assert.equal(found("get threw"), "");
});

test("rows are filtered by status and by path", () => {
  const found = (standing: Parameters<typeof matchingRows>[1]["status"]): string =>
    idsOf(matchingRows(rows, { ...noFilter, status: standing }));
  assert.equal(found("running"), "RQ5");
  assert.equal(found("good"), "RQ4 RQ1");
  assert.equal(found("failed"), "RQ3");
  assert.equal(found("refused"), "RQ2");
  assert.equal(found("troubled"), "RQ3 RQ2 RQ1");
  assert.equal(idsOf(matchingRows(rows, { ...noFilter, path: "/voice" })), "RQ4");
});
