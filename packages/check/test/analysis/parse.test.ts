import assert from "node:assert/strict";
import { test } from "node:test";

import type { Reference } from "../../src/analysis/facts.ts";
import { parseFile, parseText } from "../../src/analysis/parse.ts";

/** `context.getTwilioClient().messages`, with a star for names that are known only at run time. */
function textOf({ steps, isWritten, isTested }: Reference): string {
  const chain = steps.map(({ name, args, isOptional }) => `${name ?? "*"}${args ? "()" : ""}${isOptional ? "?" : ""}`);
  return `${chain.join(".")}${isWritten ? " =" : ""}${isTested ? " tested" : ""}`;
}

function references(text: string, file = "a.js"): string[] {
  const { facts, problem } = parseText(file, text);
  assert.equal(problem, undefined);
  return facts.references.map(textOf);
}

test("uses are found through variables, patterns and aliases", () => {
  const text = `
    const fs = require("fs"), { promises: { readFile }, ...rest } = fs;
    const { words: { path } } = Runtime.getFunctions();
    export const handler = async ({ A, ...others }, event, done) => { const { request: { headers } } = event; };
    import os, { tmpdir as folder } from "node:os"; os.cpus(); folder(); (await import("path")).join("a");`;
  const found = references(text);
  for (const each of [
    "node:fs.promises.readFile",
    "Runtime.getFunctions().words.path",
    "context.A",
    "event.request.headers",
  ]) {
    assert.ok(found.includes(each), `${each} in ${found.join(", ")}`);
  }
  for (const each of ["node:os.cpus()", "node:os.tmpdir()", "node:path.join()"]) assert.ok(found.includes(each), each);
});

test("a local name that equals one of the platform's is not a use", () => {
  const text = `
    function f(Runtime) { Runtime.getAssets(); }
    { const process = {}; process.exit(); }
    try {} catch (Twilio) { Twilio.Response; }
    for (const console of []) console.warn();
    let changing = Runtime; changing = other; changing.getSync();
    class Context { context = 1; Runtime() { return this.Runtime.getSync(); } }
    const object = { Runtime: 1, getSync() {} }; object.Runtime.getSync(); label: for (;;) break label;`;
  assert.deepEqual(
    references(text).filter((each) => each.includes(".")),
    [],
  );
});

test("optional uses differ from required ones", () => {
  const text = `exports.handler = (context, event, callback) => {
    context.a ?? 1; if (context.b) {} context.c === "x"; typeof context.d; const { e = 1, f } = context; g(context.h);
    if (known(context.i)) {} context.j?.k; context.l?.();
  };`;
  assert.deepEqual(
    references(text).filter((each) => each.startsWith("context.")),
    [
      "context.a tested",
      "context.b tested",
      "context.c tested",
      "context.d tested",
      "context.e tested",
      "context.f",
      "context.h",
      "context.i",
      "context.j?.k",
      "context.l()?",
    ],
  );
});

test("types are not code", () => {
  const text = `import type { A } from "a"; import { B } from "b"; import { c, type D } from "c"; import e = require("e");
    interface Runtime { getSync(): typeof process.exit }
    export const handler = (context: B & D, event: A, callback: typeof console.warn) => { c(e as unknown as Runtime); };`;
  const { facts } = parseText("a.ts", text);
  assert.deepEqual(
    facts.imports.map(({ specifier }) => specifier),
    ["c", "e"],
  );
  assert.deepEqual(
    references(text, "a.ts").filter((each) => /process|console|getSync/.test(each)),
    [],
  );
});

test("places are counted as in editors", () => {
  const { facts } = parseText("a.js", "\uFEFF// é😀\r\n\t/* 😀 */ Runtime.getSync();\rprocess.exit();");
  const [sync, exit] = facts.references.map(({ steps: [, step] }) => [step?.line, step?.column]);
  assert.deepEqual(
    [sync, exit],
    [
      [2, 19],
      [3, 9],
    ],
  );
});

test("a file that cannot be parsed or read has a problem and no facts", () => {
  const { problem, facts } = parseText("a.js", "const a = 1;\n  const = 2;");
  assert.deepEqual([problem?.kind, problem?.line, problem?.column, problem?.frame], ["syntax", 2, 9, "  const = 2;"]);
  assert.equal(facts.references.length, 0);
  assert.equal(parseFile("/nowhere.js").problem?.kind, "unreadable");
  assert.equal(parseFile("/").problem?.message, "EISDIR");
});

test("CommonJS and ES modules are parsed correctly", () => {
  const moduleLines = (text: string, file = "a.js"): number | undefined =>
    parseText(file, text).facts.moduleSyntax?.line;
  assert.equal(moduleLines("if (a) return;\nwith (a) b;\nvar await = 1; import('x');"), undefined);
  assert.equal(moduleLines("const a = 1;\nexport { a };"), 2);
  assert.equal(parseText("a.js", "await x;").problem, undefined);
});
