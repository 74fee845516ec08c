import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";

import { screenOf, writeWrapped } from "../../src/screen/screen.ts";

const terminal = { isTTY: true, columns: 40, rows: 10 };

test("a terminal has columns and rows", () => {
  assert.deepEqual(screenOf(terminal, {}), { isColored: true, columns: 40, rows: 10 });
  assert.deepEqual(screenOf(terminal, { NO_COLOR: "1" }).isColored, false);
});

test("a pipe or a file has no limits", () => {
  assert.deepEqual(screenOf({ columns: 30, rows: 10 }, {}), { isColored: false, columns: undefined, rows: undefined });
});

test("a terminal that reports no size has no limits", () => {
  const { columns, rows } = screenOf({ isTTY: true, columns: 0, rows: 0 }, {});
  assert.deepEqual([columns, rows], [undefined, undefined]);
});

test("in CI, the rows have no limit", () => {
  assert.equal(screenOf(terminal, { CI: "true" }).rows, undefined);
  for (const CI of ["", "false"]) assert.equal(screenOf(terminal, { CI }).rows, 10);
});

test("a report is wrapped in a terminal, and stays whole elsewhere", () => {
  const report = "warning  one two three four five six seven eight\n";
  const written = (isTTY: boolean): string => {
    let text = "";
    const stream = new Writable({
      write(chunk, _encoding, done) {
        text += String(chunk);
        done();
      },
    });
    writeWrapped(Object.assign(stream, { ...terminal, isTTY }), report);
    return text;
  };
  assert.equal(written(false), report);
  assert.equal(written(true), "warning  one two three four five six\n         seven eight\n");
});
