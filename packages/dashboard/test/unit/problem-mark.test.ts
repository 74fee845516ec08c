import assert from "node:assert/strict";
import { test } from "node:test";

import { markText as textInTerminal } from "../../src/journal/problem-mark.ts";
import { markText } from "../../src/page/requests/problem-mark.ts";
import { matchingRows, noFilter } from "../../src/page/requests/row-filter.ts";
import { idsOf, row } from "./row.ts";

const rows = [
  row(3),
  row(2, { problems: [{ number: 12100, level: "error" }] }),
  row(1, { problems: [{ level: "warning" }] }),
];

test("the words are the same on the page and in the terminal", () => {
  for (const mark of [markText, textInTerminal]) {
    assert.equal(mark({ number: 12100, level: "error" }), "TwiML 12100");
    assert.equal(mark({ number: 12200, level: "warning" }), "TwiML 12200");
    assert.equal(mark({ number: 12300, level: "error" }), "Twilio 12300");
    assert.equal(mark({ level: "warning" }), "TwiML");
  }
});

test("rows with problems of the reply are found by the status filter and by number", () => {
  assert.equal(idsOf(matchingRows(rows, { ...noFilter, status: "troubled" })), "RQ2 RQ1");
  assert.equal(idsOf(matchingRows(rows, { ...noFilter, text: "12100" })), "RQ2");
});
