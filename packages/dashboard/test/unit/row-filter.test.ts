import assert from "node:assert/strict";
import { test } from "node:test";

import { isFiltering, matchingRows, noFilter } from "../../src/page/requests/row-filter.ts";
import { idsOf, row } from "./row.ts";

const { status: _, ...running } = row(5);
const rows = [
  running,
  row(4, { path: "/voice", label: "call CA1 from +1555", isCold: true }),
  row(3, { status: 500, code: "handler-threw" }),
  row(2, { status: 404, path: "/nothing", method: "GET" }),
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

test("a word is found at the start of a word, and quotes ask for whole words", () => {
  const digits = [
    row(1, { label: "digits 2 from +12025550123" }),
    row(2, { label: "digits 9 from +12025550123" }),
    row(3, { label: "digits 25 from +12025550123", path: "/voice/menu" }),
  ];
  const found = (text: string): string => idsOf(matchingRows(digits, { ...noFilter, text }));
  assert.equal(found("digits 2"), "RQ1 RQ3");
  assert.equal(found('"digits 2"'), "RQ1");
  assert.equal(found('"digits 2'), "RQ1");
  assert.equal(found("+1202"), "RQ1 RQ2 RQ3");
  assert.equal(found("1202"), "RQ1 RQ2 RQ3");
  assert.equal(found("0123"), "");
  assert.equal(found("menu"), "RQ3");
  assert.equal(found("/voice/"), "RQ3");
  assert.equal(found("20"), "");
  assert.equal(found("200"), "RQ1 RQ2 RQ3");
  for (const odd of ["(", "[a", "\\", "a|b", "^", "-", '"']) found(odd);
});

test("a request is found by the end of its id, as the log shows it", () => {
  const rows1 = [row(1, { id: "RQ000000000000000000000000000012ab" }), row(2)];
  assert.equal(idsOf(matchingRows(rows1, { ...noFilter, text: "12ab" })), "RQ000000000000000000000000000012ab");
});

test("assets and automatic requests of browsers are hidden, unless an asset has a problem", () => {
  const mixed = [
    row(1),
    row(2, { resource: "asset" }),
    row(3, { resource: "asset", status: 403, code: "signature-invalid" }),
    row(4, { path: "/favicon.ico", status: 404, code: "not-found", isAutomatic: true }),
  ];
  assert.equal(idsOf(matchingRows(mixed, noFilter)), "RQ1 RQ3");
  assert.equal(idsOf(matchingRows(mixed, { ...noFilter, status: "troubled" })), "RQ3");
  assert.equal(idsOf(matchingRows(mixed, { ...noFilter, hasAssets: true })), "RQ1 RQ2 RQ3 RQ4");
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
