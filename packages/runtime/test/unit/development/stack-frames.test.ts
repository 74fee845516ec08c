import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { framesOf, sourceAround } from "../../../src/development/stack-frames.ts";

const stack = `TypeError: no fruit
    at price (/project/lib/price.js:3:16)
    at /project/functions/order.js:6:17
    at file:///project/functions/a%20b.mjs:1:2
    at async handler (/project/node_modules/kit/index.js:10:5)
    at /projection/x.js:1:1
    at made.up (/project/../secret:1:1)
    at new Promise (<anonymous>)
    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)`;

test("frames have places, and frames of the project are distinguished from others", () => {
  assert.deepEqual(
    framesOf(stack, "/project").map(({ file, line, column, isInProject }) => [file, line, column, isInProject]),
    [
      ["/project/lib/price.js", 3, 16, true],
      ["/project/functions/order.js", 6, 17, true],
      ["/project/functions/a b.mjs", 1, 2, true],
      ["/project/node_modules/kit/index.js", 10, 5, false],
      ["/projection/x.js", 1, 1, false],
      ["/project/../secret", 1, 1, false],
      [undefined, 0, 0, false],
      [undefined, 0, 0, false],
    ],
  );
});

test("the first frame of a syntax error is the place above its message", () => {
  const [first] = framesOf(
    "/project/functions/broken.js:2\n\n\nSyntaxError: Unexpected end of input\n    at wrapSafe (node:internal/modules/cjs/loader:1861:18)",
    "/project",
  );
  assert.deepEqual([first?.file, first?.line, first?.isInProject], ["/project/functions/broken.js", 2, true]);
});

test("the column of a syntax error is where Node marks it", () => {
  const columns = ["  const a = ;\n            ^", "\tconst a = ;\n\t          ^", "foo bar\n    ^^^", "\n"].map(
    (code) => framesOf(`/project/functions/broken.js:2\n${code}\n\nSyntaxError: no`, "/project")[0]?.column,
  );
  assert.deepEqual(columns, [13, 12, 5, 1]);
});

test("the first frame of a TypeScript syntax error is the place before its message", () => {
  const [first] = framesOf(
    "SyntaxError: functions/broken.ts:2:16: Unexpected token\n    at load (node:x:1:1)",
    "/project",
  );
  assert.deepEqual(
    [first?.file, first?.line, first?.column, first?.isInProject],
    ["/project/functions/broken.ts", 2, 16, true],
  );
});

test("a text that is not a stack has no frames", () => {
  for (const text of ["", "no stack", "Error: a\nb:c", "at once"]) assert.deepEqual(framesOf(text, "/project"), []);
});

test("the lines around a place come from the file, if it exists", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "offhook-source-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "a.js");
  writeFileSync(file, Array.from({ length: 20 }, (_, i) => `line ${i + 1}`).join("\n"));
  const around = (line: number): string[] =>
    sourceAround({ file, line }).map(({ number, text, isFailing }) => {
      return `${isFailing ? "> " : ""}${number} ${text}`;
    });
  assert.deepEqual(around(2), ["1 line 1", "> 2 line 2", "3 line 3", "4 line 4", "5 line 5", "6 line 6"]);
  assert.deepEqual(around(20), ["16 line 16", "17 line 17", "18 line 18", "19 line 19", "> 20 line 20"]);
  assert.deepEqual(around(21), []);
  assert.deepEqual(around(0), []);
  assert.deepEqual(sourceAround({ file: join(folder, "gone.js"), line: 1 }), []);
});

test("an overlong line is not parsed as a frame", () => {
  const made = `Error: x\n    at ${" /a".repeat(200_000)}\n    at f (/project/a.js:1:2)`;
  const begun = performance.now();
  assert.deepEqual(
    framesOf(made, "/project").map(({ file }) => file),
    ["/project/a.js"],
  );
  assert.ok(performance.now() - begun < 5_000);
});
