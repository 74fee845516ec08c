import assert from "node:assert/strict";
import { globSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";

import { makeProject } from "../../../runtime/test/unit/project/temp-project.ts";
import { run } from "../../src/command-line.ts";
import { examinationTable } from "../../../check/src/doctor/examination-table.ts";
import { fakeContext } from "../fake-context.ts";
import { anyFunction } from "../../../check/test/doctor/examined-project-fixture.ts";

type Files = Readonly<Record<string, string>>;

async function seen(
  t: TestContext,
  files: Files,
  options: readonly string[] = [],
  environment: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string; folder: string }> {
  const folder = makeProject(t, files);
  const context = fakeContext(environment);
  const code = await run(["doctor", folder, "--port", "0", ...options], context);
  return { code, out: context.stdout.text, err: context.stderr.text, folder };
}

function snapshot(folder: string): Record<string, number> {
  const names = globSync("**", { cwd: folder, exclude: () => false });
  return Object.fromEntries(names.map((name) => [name, statSync(join(folder, name)).mtimeMs]));
}

test("each result has a mark, each finding has a next step, and the last line sums up", async (t) => {
  const { code, out, err } = await seen(t, { ...anyFunction, "offhook-env.d.ts": "" });
  assert.deepEqual([code, err], [0, ""]);
  const lines = out.trimEnd().split("\n");
  for (const line of lines.slice(0, -2)) assert.match(line, /^(?:ok|warning|problem) +\S|^ {9}→ \S/);
  assert.match(out, /^warning {2}offhook-env\.d\.ts is out of date\n {9}→ npx offhook types$/m);
  assert.match(lines.at(-1) ?? "", /^0 problems, \d+ warnings?\. Functions can run/);
});

test("FORCE_COLOR turns colours on, as with offhook dev", async (t) => {
  const { out } = await seen(t, anyFunction, [], { FORCE_COLOR: "1" });
  // oxlint-disable-next-line no-control-regex -- a colour begins with this character
  const color = /\u001b\[3\dm/;
  assert.match(out, color);
  assert.doesNotMatch((await seen(t, anyFunction)).out, color);
});

test("the exit code is 7 after a problem, and with --strict after a warning", async (t) => {
  const broken = { ...anyFunction, "package.json": '{ "dependencies": { "nowhere-to-be-found": "1" } }' };
  const { code, out } = await seen(t, broken);
  assert.equal(code, 7);
  assert.match(out, /1 problem, \d+ warnings?\. Fix the problems first\.\n$/);
  const warned = { ...anyFunction, "offhook-env.d.ts": "" };
  assert.equal((await seen(t, warned, ["--strict"])).code, 7);
});

test("--json is one object on one line", async (t) => {
  const { code, out, folder } = await seen(t, anyFunction, ["--json"]);
  assert.equal(code, 0);
  const report = JSON.parse(out) as { folder: string; results: { id: string; mark: string }[]; problems: number };
  assert.equal(out, `${JSON.stringify(report)}\n`);
  assert.deepEqual([report.folder, report.problems], [folder, 0]);
  const ids = examinationTable.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const { id } of report.results) assert.ok(ids.includes(id), id);
});

test("the doctor runs no code of the project, changes nothing, and leaves nothing behind", async (t) => {
  const folder = makeProject(t, {
    "functions/a.js": "require('node:fs').writeFileSync(__dirname + '/ran', ''); exports.handler = () => {};",
    "offhook-env.d.ts": "",
    ".env": "A=1",
  });
  const before = snapshot(folder);
  const scratch = (): string[] => globSync(join(folder, "../offhook-doctor-*"));
  const scratchBefore = scratch();
  await run(["doctor", folder, "--port", "0"], fakeContext());
  assert.deepEqual(snapshot(folder), before);
  assert.deepEqual(scratch(), scratchBefore);
});

test("the doctor shows no values, and escapes names", async (t) => {
  const secret = "s3cr3t-value";
  const evil = "\u001b]0;owned\u0007";
  const { out } = await seen(
    t,
    {
      [`functions/${evil}.js`]: `exports.handler = (context, event, callback) => { context["${evil}A"]; callback(context.UNSET); };`,
      "package.json": JSON.stringify({ dependencies: { [`${evil}p`]: `${evil}1` }, engines: { node: evil } }),
      ".twilioserverlessrc": JSON.stringify({ [evil]: 1 }),
      ".env": `ACCOUNT_SID=${secret}\nAUTH_TOKEN=“${secret}”\nUNUSED=${secret}`,
    },
    [],
    { HTTPS_PROXY: secret, TZ: evil, NODE_OPTIONS: `--title=${secret}` },
  );
  assert.doesNotMatch(out, new RegExp(secret));
  // eslint-disable-next-line no-control-regex -- the test looks for control characters
  assert.doesNotMatch(out, /[\u0000-\u0009\u000b-\u001f]/);
  for (const each of ["ACCOUNT_SID does not", "AUTH_TOKEN contains quotation", "UNUSED", "NODE_OPTIONS", "UNSET"]) {
    assert.ok(out.includes(each), each);
  }
});

test("a missing folder is an error, and an empty folder is a problem", async (t) => {
  const context = fakeContext();
  assert.equal(await run(["doctor", "/nowhere/at/all"], context), 3);
  assert.match(context.stderr.text, /\[folder-missing\]/);
  const { code, out } = await seen(t, {});
  assert.equal(code, 7);
  assert.match(out, /^problem {2}The project has no functions and no assets/m);
});
