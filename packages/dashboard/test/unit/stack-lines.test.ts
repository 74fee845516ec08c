import assert from "node:assert/strict";
import { test } from "node:test";

import { readErrorText } from "../../src/page/requests/stack-lines.ts";

const folder = "/home/ada/my project";

test("frames of the project have their place in it, and others are separate", () => {
  const detail = [
    "TypeError: no total",
    `    at totalOf (${folder}/lib/total.js:14:23)`,
    `    at exports.handler (${folder}/functions/sms.js:5:18)`,
    `    at ${folder}/functions/sms.js:9:1`,
    `    at run (${folder}/node_modules/some/index.js:88:4)`,
    "    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)",
    "    at new Promise (<anonymous>)",
    "    at other (/usr/lib/other.js:1:2)",
  ].join("\n");
  const { message, projectFrames: own, otherFrames: others } = readErrorText(detail, "functions/sms.js");
  assert.equal(message, "TypeError: no total");
  assert.deepEqual(
    own.map(({ file, line }) => `${file}:${line}`),
    ["lib/total.js:14", "functions/sms.js:5", "functions/sms.js:9"],
  );
  assert.equal(own[0]?.text, "totalOf (lib/total.js:14:23)");
  assert.equal(others.length, 4);
});

test("frames of ES modules and relative frames are read", () => {
  const url = "file:///srv/app/functions/sms.js";
  assert.deepEqual(readErrorText(`Error: x\n    at handler (${url}:3:1)`, "functions/sms.js").projectFrames, [
    { text: "handler (functions/sms.js:3:1)", file: "functions/sms.js", line: 3 },
  ]);
  assert.deepEqual(
    readErrorText("Error: x\n    at handler (functions/sms.js:3:1)", undefined).projectFrames[0]?.line,
    3,
  );
});

test("a message of several lines stays whole, and text without frames is all message", () => {
  const detail = "Error: one\ntwo\n  three\n    at a (/b/c.js:1:1)";
  assert.equal(readErrorText(detail, undefined).message, "Error: one\ntwo\n  three");
  assert.deepEqual(readErrorText("just words", "functions/a.js"), {
    message: "just words",
    projectFrames: [],
    otherFrames: [],
  });
});

test("a long text with many apparent frames is read quickly", { timeout: 20_000 }, () => {
  const detail = `    at ${"((".repeat(50_000)}\n`.repeat(3) + "    at ".repeat(50_000);
  assert.equal(readErrorText(detail, "functions/a.js").projectFrames.length, 0);
});
