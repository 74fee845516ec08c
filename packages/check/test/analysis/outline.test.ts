import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";

import { makeProject } from "../../../runtime/test/unit/project/temp-project.ts";
import { OutlineThread } from "../../src/analysis/outline-thread.ts";
import { makeOutline } from "../../src/analysis/outline.ts";

function variablesOf(source: string, file = "f.js"): string[] {
  return makeOutline(file, source).variables.map(({ name, line }) => `${name}:${line}`);
}

test("an outline finds variables in every code layout", () => {
  for (const source of [
    "context.A.x",
    "context\n  .A.x",
    'context["A"].x',
    "process.env.A.x",
    "process['env'].A.x",
    "exports.handler = (c) => { c.A.x }",
    "exports.handler = async function (c) { await f({ key: [c.A] }) }",
    "module.exports = { handler: (c) => c.A.x }",
    "class Sender { key = process.env.A; }",
    "for (const each of context.A.split(',')) f(each)",
  ]) {
    assert.deepEqual(
      makeOutline("f.js", source).variables.map(({ name }) => name),
      ["A"],
      source,
    );
  }
  assert.deepEqual(variablesOf("export const handler = (context: Env) => context.A!.trim()", "f.ts"), ["A:1"]);
});

test("an outline leaves out optional variables, and names that only look like variables", () => {
  for (const source of [
    "const x = context.A || 1",
    "const x = context.A ?? 1",
    "if (context.A) f()",
    "if (\n  context.A\n) f()",
    "if (!context.A) f()",
    "const x = context.A ? 1 : 2",
    "context.A?.x",
    "context.A = 1",
    "// context.A\nf('context.A', `context.B`)",
    "other.context.A",
    "context.a",
    "exports.handler = (c) => { list.map((c) => c.A) }",
  ]) {
    assert.deepEqual(variablesOf(source), [], source);
  }
});

test("names resolve to their variables, over several lines and in any order", () => {
  for (const [source, expected] of [
    ["const a =\n  context.A;\na.x", ["A:2", "A:3"]],
    ["f(a);\nconst a = context.A.trim()", ["A:1", "A:2"]],
    ["const { A: a, B = 1 } = context;\nf(a, B)", ["A:2"]],
    ["const url = `https://${process.env.A}/${\n  path}`;\nf(url)", ["A:1", "A:3"]],
    ["const host = context.A;\nconst url = 'https://' +\n  host + '/v1';\nf(url)", ["A:1", "A:3", "A:4"]],
    ["const a = compute(context.A);\nf(a)", ["A:1"]],
    ["const a = context.A || 'x';\nf(a)", []],
  ] as const) {
    assert.deepEqual(variablesOf(source), expected, source);
  }
});

test("statements are the innermost ones: a condition, or one statement of a block", () => {
  const { statements } = makeOutline("f.js", "if (\n  a\n) {\n  f(\n    1,\n  );\n}\nreturn () => {\n  g();\n};");
  assert.deepEqual(
    statements.map(({ first, last }) => [first, last]),
    [
      [2, 2],
      [4, 6],
      [8, 10],
      [9, 9],
    ],
  );
});

test("exports, imports, instances and parameters have their names and lines", () => {
  const source = `const a = require("a/b");
import("./c.js");
exports.handle = (c, e) => e.Body + e?.To + e["x"] + event.From;
module.export.handler = 1;
module.exports = async () => {};
const r = new Twilio.twiml.VoiceResponse();`;
  const { exports, imports, instances, parameters } = makeOutline("f.js", source);
  assert.deepEqual(
    exports.map(({ column, ...rest }) => {
      assert.equal(column, 1);
      return rest;
    }),
    [
      { kind: "assigned", object: "exports", name: "handle", line: 3 },
      { kind: "assigned", object: "module.export", name: "handler", line: 4 },
      { kind: "whole", line: 5 },
    ],
  );
  assert.deepEqual(
    imports.map(({ specifier, line }) => [specifier, line]),
    [
      ["a/b", 1],
      ["./c.js", 2],
    ],
  );
  assert.deepEqual(instances, [{ name: "r", className: "Twilio.twiml.VoiceResponse" }]);
  assert.deepEqual(
    parameters.map(({ name }) => name),
    ["From"],
    "e is not the event of a handler with another name",
  );
});

test("an outline finds the handler, and its calls of callback", () => {
  for (const source of [
    "exports.handler = (c, e, done) => {\n  // done()\n  done(null); other.done();\n  f(() => done());\n};",
    "module.exports = { handler(c, e, done) {\n\n  done(null);\n  g(done());\n} };",
    "async function handler(c, e, done) {\n\n  done();\n  done();\n}\nexports.handler = handler;",
  ]) {
    const { handler, callbackName, callbackCalls } = makeOutline("f.js", source);
    assert.deepEqual([handler?.line, callbackName, callbackCalls.map(({ line }) => line)], [1, "done", [3, 4]], source);
  }
  const wrapped = makeOutline("f.js", "let a;\nexports.handler = wrap(other);\ncallback();");
  assert.deepEqual([wrapped.handler?.line, wrapped.callbackName, wrapped.callbackCalls.length], [2, "callback", 1]);
});

test("an outline finds lookups of resources through names, and the lines that use them", () => {
  const lookupsOf = (source: string): unknown[] =>
    makeOutline("f.js", source).lookups.map(({ method, key, lines }) => [method, key, ...lines]);
  for (const [source, ...expected] of [
    ['Runtime\n  .getAssets()["/a"]\n  .path', ["getAssets", "/a", 1]],
    ["Runtime.getFunctions().help?.path", ["getFunctions", "help", 1]],
    ['const key = "/a";\nconst one = Runtime.getAssets()[key];\nf(\n  one.path)', ["getAssets", "/a", 2, 4]],
    ["const all = Runtime.getAssets();\nall[`/a`].open()", ["getAssets", "/a", 2]],
    ["const f = () => {\n  Runtime.getAssets().a;\n};\nf();", ["getAssets", "a", 2]],
    ['let key = "/a"; Runtime.getAssets()[key]'],
    ["const all = Runtime.getAssets();\n{ const all = {}; all['/a'] }"],
    ["Runtime.getAssets()[`/${name}`]"],
    ["// Runtime.getAssets()['/a']"],
  ] as const) {
    assert.deepEqual(lookupsOf(source), expected, source);
  }
});

test("an outline has the lines that read the request, and those that require modules", () => {
  const source = 'const a =\n  require("b");\n// event.request.headers\nf(event.request\n  .cookies, request.headers);';
  const { requestReads, requires } = makeOutline("f.js", source);
  assert.deepEqual(requestReads, [4, 5]);
  assert.deepEqual(requires, [{ name: "a", specifier: "b", line: 1, column: 1 }]);
});

test("a file that does not parse has a problem, and nothing else", () => {
  const { problem, variables } = makeOutline("f.js", "context.A;\nexport.handler = 1;");
  assert.deepEqual([problem?.line, problem?.text, variables], [2, "export.handler = 1;", []]);
});

function open(t: TestContext): OutlineThread {
  const thread = new OutlineThread();
  t.after(() => thread.close());
  return thread;
}

test("the thread answers at once, and again when the file has changed", (t) => {
  const folder = makeProject(t, { "a.js": "context.A.x", "b.js": "context.LATER.x" });
  const [thread, file] = [open(t), join(folder, "a.js")];
  const names = (): string[] | undefined => thread.outlineOf(file)?.variables.map(({ name }) => name);
  assert.deepEqual(names(), ["A"]);
  assert.equal(thread.outlineOf(file), thread.outlineOf(file), "an unchanged file is not parsed again");
  renameSync(join(folder, "b.js"), file);
  assert.deepEqual(names(), ["LATER"]);
  thread.close();
  writeFileSync(file, "context.AFTER_CLOSE.x");
  assert.deepEqual(names(), ["AFTER_CLOSE"]);
});

test("files that are missing, too large, deeply nested, or not files have no outline and do no harm", (t) => {
  const folder = makeProject(t, {
    "large.js": `// ${"x".repeat(600_000)}`,
    "brackets.js": "[".repeat(100_000),
    "nested.js": `x = ${"(".repeat(30_000)}context.A${")".repeat(30_000)}`,
    "minus.js": `x = ${"- ".repeat(30_000)}context.A`,
    "sum.js": `x = ${"a + ".repeat(30_000)}context.A`,
    "arrows.js": `x = ${"a => ".repeat(30_000)}context.A`,
    "else.js": `${"if (a) b(); else ".repeat(15_000)}c()`,
    "members.js": `x = a${".b".repeat(60_000)}`,
    "binary.js": "\0\u0001\ufffd",
    "fine.js": "context.A.x",
  });
  const thread = open(t);
  for (const name of ["gone.js", "large.js", "."]) assert.equal(thread.outlineOf(join(folder, name)), undefined, name);
  for (const name of ["brackets", "nested", "minus", "sum", "arrows", "else", "members", "binary"]) {
    thread.outlineOf(join(folder, `${name}.js`));
  }
  assert.equal(thread.outlineOf(join(folder, "fine.js"))?.variables[0]?.name, "A");
});
