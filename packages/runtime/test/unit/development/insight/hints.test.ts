import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";
import { OutlineThread } from "../../../../../check/src/analysis/outline-thread.ts";
import type { FactSources } from "../../../../src/development/insight/facts.ts";
import { hintsOfDiagnosis, hintsOfFailure } from "../../../../src/development/insight/hints.ts";
import type { Diagnosis } from "../../../../src/pool/invocation.ts";

const outlines = new OutlineThread();
after(() => outlines.close());

/** A project with one function of one line, which threw in that line. */
function thrown(
  t: TestContext,
  line: string,
  message: string,
  more: Partial<FactSources> = {},
  name = "f.js",
): FactSources {
  const folder = mkdtempSync(join(tmpdir(), "offhook-hints-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, name);
  writeFileSync(file, line);
  const error = {
    name: "TypeError",
    message,
    stack: `TypeError: ${message}\n    at exports.handler (${file}:${line.split("\n").length}:5)\n    at node:internal/x:1:1`,
  };
  return {
    folder,
    file,
    outlines,
    variables: ["ACCOUNT_SID", "API_KEYS"],
    method: "POST",
    code: "handler-threw",
    error,
    ...more,
  };
}

function diagnosis(
  state: Diagnosis["state"],
  stacks: readonly string[] = [],
  notes: readonly string[] = [],
): Diagnosis {
  return { kind: "diagnosis", id: 1, state, stacks, notes };
}

const undefinedRead = "Cannot read properties of undefined (reading 'x')";

test("errors of unknown kinds get no hint", (t) => {
  for (const [line, message] of [
    ["context.API_KEYS.x.x", undefinedRead],
    ["context.PATH.x.x", undefinedRead],
    ["things.x", undefinedRead],
    ["const x = context.DEBUG || things.x.x", undefinedRead],
    ["if (context.DEBUG) { things.x.x }", undefinedRead],
    ["mailer.send()", "mailer.send is not a function"],
    ["socket.setHeader()", "socket.setHeader is not a function"],
    ["const response = new Map();\nresponse.set2()", "response.set2 is not a function"],
    ["const r = new Mailer();\nr.send()", "r.send is not a function"],
    ["event.request.x.x", undefinedRead],
    ["f()", "Cannot find module './near.js'"],
    ["context.API_KEY; throw new Error('out of stock')", "out of stock"],
  ] as const) {
    const known = thrown(t, line, message);
    const error = message === "out of stock" ? { ...known.error, name: "Error", message } : known.error;
    assert.deepEqual(hintsOfFailure({ ...known, error }), [], line);
  }
});

test("uncertain causes get no hint", (t) => {
  const keys = { functions: ["lib/helper"], assets: ["/a.json"], sourceAssets: ["/b.ts"], openAssets: ["/open.txt"] };
  const reading = "Cannot read properties of undefined (reading 'path')";
  for (const [line, message] of [
    // These keys exist, so something else is undefined.
    ['Runtime.getFunctions()["lib/helper"].path + x.path', reading],
    ['Runtime.getAssets()["/a.json"].path; x.path', reading],
    ['Runtime.getAssets()["/b.ts"].path; x.path', reading],
    // The key is known only when the code runs.
    ["Runtime.getAssets()[name].path", reading],
    ["let key = '/x';\nRuntime.getAssets()[key].path", reading],
    ["Runtime.getAssets()[`/${name}`].path", reading],
    // Another property.
    ['Runtime.getAssets()["/x"]; other.x', undefinedRead],
    ["const f = require('./nowhere');\nf()", "f is not a function"],
    ["const f = require('node:path');\nf()", "f is not a function"],
    ["const other = compute(process.env.API_KEY);\nother.x", undefinedRead],
    ["const url = process.env.API_KEY || 'x';\nconst all = `${url}/x`;\nall.x", undefinedRead],
  ] as const) {
    assert.deepEqual(hintsOfFailure(thrown(t, line, message, { keys })), [], line);
  }
});

test("an unset variable is found in concatenated texts", (t) => {
  for (const line of [
    "const url = `${process.env.API_KEY}/v1`;\nurl.x",
    "const url = 'https://' + context.API_KEY + '/v1';\nurl.x",
    "const host = process.env.API_KEY;\nconst url = `https://${host}/v1`;\nconst all = url + '/x';\nall.x",
  ]) {
    const [hint] = hintsOfFailure(thrown(t, line, undefinedRead));
    assert.match(hint?.text ?? "", /^API_KEY is not set/, line);
  }
});

test("a body of a parsed type does not get the hint about unparsed types", (t) => {
  for (const bodyType of ["", "application/json", "application/x-www-form-urlencoded"]) {
    const failed = [diagnosis("failed", [], [])];
    const [hint] = hintsOfFailure(thrown(t, "event.Body.x", undefinedRead, { bodyType, diagnoses: failed }));
    assert.equal(hint?.text, "The request has no parameter Body. It has no parameters.", bodyType);
  }
});

test("a variable is found in the line that threw, also through constants", (t) => {
  for (const line of [
    "context.API_KEY.x",
    'process.env["API_KEY"].x',
    "const key = context.API_KEY;\nkey.x",
    "const { OTHER, API_KEY } = context;\nAPI_KEY.x",
    "const { API_KEY: key } = process.env;\nkey.x",
  ]) {
    const hints = hintsOfFailure(thrown(t, line, undefinedRead));
    assert.deepEqual(
      hints.map(({ text }) => text),
      ["API_KEY is not set in .env. Did you mean API_KEYS, which is set?"],
      line,
    );
    assert.equal(hints[0]?.place?.line, line.split("\n").length);
  }
});

test("for a call over several lines, the hint names the line with the variable", (t) => {
  const source = "await client.messages.create({\n  to,\n  from: context.FROM_NUMBER,\n});";
  const known = thrown(t, source, "x");
  const error = {
    name: "RestException",
    message: "A 'From' phone number is required.",
    stack: `Error: x\n    at async exports.handler (${known.file}:1:3)`,
  };
  const [hint] = hintsOfFailure({ ...known, error });
  assert.match(hint?.text ?? "", /^FROM_NUMBER is not set in \.env\./);
  assert.equal(hint?.place?.line, 3);
});

test("only the statement that threw is searched", (t) => {
  for (const source of [
    "things.x.x;\nf(context.LATER);",
    "each(things.x.x, () => {\n  f(context.INNER);\n});",
    "if (things.x.x) {\n  f(context.INNER);\n}",
    "f(context.EARLIER);\nthings.x.x",
  ]) {
    const known = thrown(t, source, undefinedRead);
    const line = source.startsWith("f(") ? 2 : 1;
    const stack = `TypeError: x\n    at exports.handler (${known.file}:${line}:8)`;
    const error = { name: "TypeError", message: undefinedRead, stack };
    assert.deepEqual(hintsOfFailure({ ...known, error }), [], source);
  }
});

test("a file that is gone, or outside of the project, is not read", (t) => {
  const known = thrown(t, "context.API_KEY.x", undefinedRead);
  rmSync(known.file);
  assert.deepEqual(hintsOfFailure(known), []);
  const outside = join(known.folder, "..", "outside-of-it.js");
  writeFileSync(outside, "require('gone')");
  t.after(() => rmSync(outside));
  const message = `Cannot find module 'gone'\nRequire stack:\n- ${known.folder}/../outside-of-it.js`;
  const error = { name: "Error", message };
  assert.deepEqual(
    hintsOfFailure({ ...known, error }).map(({ place }) => place),
    [undefined],
  );
});

test("only frames in files of the project have a place", (t) => {
  const known = thrown(t, "x", "x");
  const stack = `Error\n    at spin (${known.folder}/node_modules/kit/a.js:1:1)\n    at b (${known.file}:1:2)`;
  const [hint] = hintsOfFailure({
    ...known,
    code: "handler-timed-out",
    error: undefined,
    diagnoses: [diagnosis("computing", [stack])],
  });
  assert.deepEqual(hint?.place, { file: known.file, line: 1, column: 2 });
  const [without] = hintsOfFailure({
    ...known,
    code: "handler-timed-out",
    error: undefined,
    diagnoses: [diagnosis("computing", ["Error\n    at spin (/elsewhere/a.js:1:1)"])],
  });
  assert.equal(without?.place, undefined);
  assert.match(without?.text ?? "", /was still computing when its time ran out\./);
});

test("hints are limited in number and unique", (t) => {
  const known = thrown(t, "x", "x");
  const stacks = Array.from({ length: 30 }, (_, index) => `Error\n    at f (${known.file}:${(index % 20) + 1}:1)`);
  const hints = hintsOfDiagnosis(known, diagnosis("left", stacks));
  assert.equal(hints.length, 8);
  assert.equal(new Set(hints.map(({ place }) => place?.line)).size, 8);
});

test("diagnoses that wait for the reply are not logged before it", (t) => {
  const known = thrown(t, "x", "x");
  for (const state of ["computing", "waiting", "failed"] as const) {
    assert.deepEqual(hintsOfDiagnosis(known, diagnosis(state, [known.error?.stack ?? ""])), []);
  }
});

test("sources that are built to be slow to search are searched quickly", (t) => {
  const lines = [
    `handler ${" ".repeat(600)}`.repeat(3),
    "const {".repeat(200),
    "exports.handler = (".repeat(50),
    "a".repeat(600_000),
  ];
  const known = thrown(t, Array.from({ length: 300 }, () => lines.slice(0, 3).join("\n")).join("\n"), undefinedRead);
  const from = performance.now();
  hintsOfFailure({ ...known, diagnoses: [diagnosis("ended", [], ["nothing"])] });
  assert.ok(performance.now() - from < 5_000);
});

test("the handler's parameters may have any names", (t) => {
  const diagnoses = [diagnosis("failed", [], ["To"])];
  const of = (line: string, message = undefinedRead): readonly string[] =>
    hintsOfFailure(thrown(t, `${line} }`, message, { diagnoses }, "f.ts")).map(({ text }) => text);
  for (const head of [
    "exports.handler = (c, e, cb) => {",
    "exports.handler = async function (c, e) {",
    "exports.handler = function handler(c, e, cb) {",
    "export const handler: ServerlessFunctionSignature<A, B> = async (c: Context<A>, e: B, cb) => {",
    "export async function handler(c, e, cb) {",
  ]) {
    assert.deepEqual(of(`${head}\ncb(null, c.API_HOST.x)`), ["API_HOST is not set in .env."], head);
    assert.match(of(`${head}\ncb(null, e.Body.x)`).join(), /^The request has no parameter Body\. It has To\./, head);
    // A name with a second meaning gives no hint.
    assert.deepEqual(of(`${head}\ntry { f() } catch (e) {}\ncb(null, e.Body.x)`), [], head);
    assert.deepEqual(of(`${head}\nlist.map((c) => c)\ncb(null, c.API_HOST.x)`), [], head);
  }
});

test("missing resources are found through a constant", (t) => {
  const keys = { functions: ["lib/helper"], assets: ["/a.json"], sourceAssets: [], openAssets: ["/open.txt"] };
  const of = (line: string, message: string): readonly string[] =>
    hintsOfFailure(thrown(t, line, message, { keys })).map(({ text }) => text);
  const path = "Cannot read properties of undefined (reading 'path')";
  const open = "Cannot read properties of undefined (reading 'open')";
  const functions = "const functions = Runtime.getFunctions();";
  const suggested = ['There is no function "lib/helpr"; did you mean "lib/helper"?'];
  assert.deepEqual(of(`${functions}\nrequire(functions["lib/helpr"].path)`, path), suggested);
  assert.deepEqual(of(`${functions}\nconst one = functions["lib/helpr"];\nrequire(one.path)`, path), suggested);
  const assets = "let assets = Runtime.getAssets()";
  assert.match(of(`${assets}\nassets["/open.txt"].open()`, open).join(), /^The asset "\/open\.txt" is not private/);
  assert.deepEqual(of(`${assets}\nassets["/a.json"].path; x.path`, path), []);
  assert.deepEqual(of(`${assets}\n{ const assets = {}; assets["/open.txt"].path }`, path), []);
  assert.deepEqual(of(`const assets = {};\nassets["/open.txt"].path`, path), []);
});
