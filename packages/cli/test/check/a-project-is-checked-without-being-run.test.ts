import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";

import { makeProject } from "../../../runtime/test/unit/project/temp-project.ts";
import { run } from "../../src/command-line.ts";
import { fakeContext } from "../fake-context.ts";
import { handler } from "../../../check/test/check/check-fixture.ts";
import type { Files } from "../../../check/test/check/check-fixture.ts";

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly folder: string;
}

async function checked(t: TestContext, files: Files, ...options: readonly string[]): Promise<Outcome> {
  const folder = makeProject(t, files);
  const context = fakeContext();
  const code = await run(["check", folder, ...options], context);
  return { code, out: context.stdout.text, err: context.stderr.text, folder };
}

const a = "functions/a.js";
const withWarning = { [a]: handler("process.exit();") };
const withError = { [a]: handler("event.request.method;") };

test("a finding shows its file, line, column and rule, and how to fix it", async (t) => {
  const { code, out, err } = await checked(t, { ...withError, "functions/b.js": "exports.handler = ;\n" });
  assert.equal(code, 7);
  assert.equal(err, "");
  assert.match(out, /^functions\/a\.js:3:17 {2}error {4}event\.request has no method, .+ {2}\[request-property\]$/m);
  assert.match(out, /^functions\/b\.js:1:19 {2}error .+\[syntax\]\n {4}exports\.handler = ;$/m);
  assert.match(out, /^ {2}request-property: Send the information/m);
  assert.match(out, /^2 errors, 0 warnings, 0 info, in 2 functions, 0 assets\.$/m);
});

test("the exit code is 7 after an error, and with --strict after a warning", async (t) => {
  assert.equal((await checked(t, { [a]: handler("") })).code, 0);
  assert.equal((await checked(t, { [a]: handler("") }, "--strict")).code, 0);
  assert.equal((await checked(t, withWarning)).code, 0);
  assert.equal((await checked(t, withWarning, "--strict")).code, 7);
  assert.equal((await checked(t, { [a]: handler("console.warn();") }, "--strict")).code, 0);
  assert.equal((await checked(t, withError)).code, 7);
});

test("--ignore skips a rule, and rejects an unknown name", async (t) => {
  const { code, out } = await checked(t, withError, "--ignore", "request-property", "--ignore", "syntax");
  assert.equal(code, 0);
  assert.doesNotMatch(out, /request-property/);
  const wrong = await checked(t, withError, "--ignore", "request-propperty");
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /Did you mean request-property\?[^]*\[setting-invalid\]/);
});

test("--json prints one object on one line, the same at each run", async (t) => {
  const files = { ...withError, "functions/b.js": handler("Runtime.getFunctions().nope.path;") };
  const { code, out, folder } = await checked(t, files, "--json");
  assert.equal(code, 7);
  const report = JSON.parse(out) as Record<string, unknown> & { findings: Record<string, unknown>[] };
  assert.equal(out, `${JSON.stringify(report)}\n`);
  assert.equal(report["folder"], folder);
  assert.deepEqual([report["errors"], report["warnings"], report["infos"], report["functions"]], [2, 0, 0, 2]);
  assert.deepEqual(
    report.findings.map(({ rule, file, line, column, severity }) => [rule, file, line, column, severity]),
    [
      ["request-property", a, 3, 17, "error"],
      ["function-key", "functions/b.js", 3, 26, "error"],
    ],
  );
  const again = fakeContext();
  await run(["check", folder, "--json"], again);
  assert.equal(again.stdout.text, out);
});

test("check lists the features of the platform that a project uses", async (t) => {
  const body = "new Twilio.twiml.VoiceResponse(); event.request.cookies.a; Runtime.getSync();";
  const { out } = await checked(t, {
    "functions/a.protected.js": handler(body),
    "functions/b.js": handler("", "const { prepareFlexFunction } = require(Runtime.getFunctions().a.path);"),
  });
  assert.match(
    out,
    /^Uses TwiML \(1\), Sync \(1\), other functions' files \(1\), cookies \(1\), Flex tokens \(1\), signed/m,
  );
});

test("check runs no code of the project, and writes nothing into it", async (t) => {
  const { folder } = await checked(t, {
    [a]: `require("node:fs").writeFileSync(require("node:path").join(__dirname, "ran"), ""); process.exit(99);`,
    "functions/b.ts": "export const handler = () => {};",
  });
  assert.equal(existsSync(join(folder, "functions/ran")), false);
  assert.deepEqual(readdirSync(folder), ["functions"]);
});

test("names and sources cannot write to the terminal", async (t) => {
  const evil = "\u001b]0;owned\u0007\u202e";
  const { out } = await checked(t, {
    [`functions/${evil}.js`]: `exports.handler = ${evil};\n`,
    "functions/b.js": handler(`Runtime.getFunctions()["${evil}"].path; context["UNSET"];`),
    "functions/c.js": `exports["handler${evil}"] = 1; require("${evil}");`,
    ".env": `${evil}\nA=1`,
  });
  // eslint-disable-next-line no-control-regex -- the test looks for control characters
  assert.doesNotMatch(out, /[\u0000-\u0009\u000b-\u001f\u202e]/);
  assert.match(out, /\\u001b\]0;owned\\u0007\\u202e\.js:1:19/);
});

test("check shows no values of variables", async (t) => {
  const secret = "s3cr3t-value";
  const odd = `OPEN="${secret}\nCUT=${secret} # ${secret}\nMANY='${secret}\n${secret}='\nexport E=${secret}`;
  const files = {
    ...withWarning,
    ".env": `PATH=${secret}\nAUTH_TOKEN ${secret}\nLONG=${secret.repeat(50)}\n${odd}`,
  };
  for (const option of ["--strict", "--json"]) {
    const { out } = await checked(t, files, option);
    assert.match(out, /env-line/);
    assert.match(out, /env-value/);
    assert.doesNotMatch(out, new RegExp(secret));
  }
});

test("a deeply nested file is checked like any other", async (t) => {
  const { code, out } = await checked(t, {
    [a]: `${handler("")}\nconst deep = ${"[".repeat(60_000)}${"]".repeat(60_000)};\n`,
    "functions/b.js": `const open = ${"(() => ".repeat(60_000)}`,
    "functions/c.js": handler(`return ${"!".repeat(100_000)}event.request.method;`),
  });
  assert.equal(code, 7);
  assert.match(out, /^functions\/b\.js:1:\d+ {2}error .+\[syntax\]$/m);
  assert.match(out, /^functions\/c\.js:3:\d+ {2}error .+\[request-property\]$/m);
});

test("a value that is read once and used often is one finding", async (t) => {
  const body =
    "const { wrods: w } = Runtime.getFunctions(); const { SENDER: from } = context;\n  w.path; w.path; from.trim(); from;";
  const { out } = await checked(t, { [a]: handler(body) });
  assert.match(out, /^1 error, 1 warning,/m);
  assert.match(out, /SENDER is not set in \.env {2}\[/);
  const twice = await checked(t, { [a]: handler("context.SENDER.trim(); context.SENDER.trim();") });
  assert.match(twice.out, /SENDER is not set in \.env \(2 places\) {2}\[/);
});

test("only some findings of a rule with thousands are shown", async (t) => {
  const body = "event.request.method;\n".repeat(3000);
  const { out } = await checked(t, { [a]: handler(body) });
  assert.ok(out.split("\n").length < 40, out.slice(0, 2000));
  assert.match(out, /^… and 2980 more {2}\[request-property\]/m);
  assert.match(out, /^3000 errors/m);
});

test("two files with one path, and a large asset, are findings and do not end the check", async (t) => {
  const { code, out } = await checked(t, {
    [a]: handler(""),
    "functions/a.protected.js": handler(""),
    "assets/b.private.bin": "x".repeat(10_485_761),
  });
  assert.equal(code, 7);
  assert.match(out, /\[path-duplicate\][^]*\[asset-too-large\]|\[asset-too-large\][^]*\[path-duplicate\]/);
});

test("a folder without a project is an error, as with other commands", async (t) => {
  const empty = await checked(t, {});
  assert.deepEqual([empty.code, empty.out], [3, ""]);
  assert.match(empty.err, /\[project-empty\]/);
  const gone = fakeContext();
  assert.equal(await run(["check", "/nowhere/at/all"], gone), 3);
  assert.match(gone.stderr.text, /\[folder-missing\]/);
  assert.equal((await checked(t, withError, "--timeout", "5s")).code, 2);
});
