import assert from "node:assert/strict";
import { utimesSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { makeProject } from "../../../runtime/test/unit/project/temp-project.ts";
import { run } from "../../src/command-line.ts";
import { fakeContext } from "../fake-context.ts";
import { handler } from "../../../check/test/check/check-fixture.ts";

const typed =
  'import { x } from "../lib/x";\nexport const handler = (c: unknown, e: unknown, callback: Function) => callback(null, x);';

async function checked(folder: string, ...args: readonly string[]): Promise<{ code: number; report: Report }> {
  const context = fakeContext();
  const code = await run(["check", folder, "--json", ...args], context);
  return { code, report: JSON.parse(context.stdout.text) as Report };
}

interface Report {
  readonly build?: string;
  readonly errors: number;
  readonly findings: readonly { readonly rule: string; readonly file: string; readonly message: string }[];
}

const layouts: readonly (readonly [name: string, output: string, files: Readonly<Record<string, string>>])[] = [
  ["outDir of tsconfig.json", "dist/functions", { "tsconfig.json": '{ "compilerOptions": { "outDir": "dist" } }' }],
  ["outDir around src", "lib/src/functions", { "tsconfig.json": '{ "compilerOptions": { "outDir": "./lib" } }' }],
  ["outDir of the functions alone", "out", { "tsconfig.json": '{ "compilerOptions": { "outDir": "out" } }' }],
  [
    "--functions-folder",
    "build/fn",
    {
      "package.json":
        '{ "scripts": { "deploy": "tsc && twilio-run deploy --functions-folder build/fn --assets-folder=build/as" } }',
    },
  ],
  [
    "--outdir of a bundler",
    "dist/functions",
    { "package.json": '{ "scripts": { "build": "esbuild --bundle src --outdir=dist" } }' },
  ],
];

for (const [name, output, files] of layouts) {
  test(`check examines the output of a build by ${name}`, async (t) => {
    const folder = makeProject(t, {
      ...files,
      "src/functions/a.ts": typed,
      "src/lib/x.ts": "export const x = 1;",
      [`${output}/a.js`]: handler("event.request.method;"),
    });
    const { code, report } = await checked(folder);
    assert.equal(report.build, output);
    assert.deepEqual(
      report.findings.map(({ rule, file }) => [rule, file]),
      [["request-property", `${output}/a.js`]],
    );
    assert.equal(code, 7);
  });
}

test("check says how to build if the output is missing", async (t) => {
  const folder = makeProject(t, {
    "package.json": '{ "scripts": { "build": "tsc" } }',
    "tsconfig.json": '{ "compilerOptions": { "outDir": "dist" } }',
    "src/functions/a.ts": typed,
    "src/lib/x.ts": "export const x = 1;",
  });
  const { code, report } = await checked(folder);
  assert.equal(code, 0);
  assert.deepEqual(
    report.findings.map(({ rule, file }) => [rule, file]),
    [["build-output", "dist/functions"]],
  );
  assert.match(report.findings[0]?.message ?? "", /run npm run build/);
});

test("check names sources that are newer than the output", async (t) => {
  const folder = makeProject(t, {
    "tsconfig.json": '{ "compilerOptions": { "outDir": "dist" } }',
    "src/functions/a.ts": typed,
    "src/functions/b.ts": typed,
    "src/lib/x.ts": "export const x = 1;",
    "dist/functions/a.js": handler(""),
  });
  utimesSync(join(folder, "dist/functions/a.js"), 1, 1);
  const { report } = await checked(folder);
  assert.deepEqual(
    report.findings.map(({ rule, file }) => [rule, file]),
    [
      ["build-output", "src/functions/a.ts"],
      ["build-output", "src/functions/b.ts"],
    ],
  );
});

test("check examines the folder that an option names, and sources that no build compiles", async (t) => {
  const files = { "src/functions/a.ts": typed, "src/lib/x.ts": "export const x = 1;" };
  const built = makeProject(t, {
    ...files,
    "tsconfig.json": '{ "compilerOptions": { "outDir": "dist" } }',
    "dist/functions/a.js": handler(""),
  });
  const named = await checked(built, "--functions-folder", "src/functions");
  assert.equal(named.report.build, undefined);
  assert.ok(named.report.findings.some(({ rule }) => rule === "typescript"));
  const unbuilt = await checked(makeProject(t, files));
  assert.ok(unbuilt.report.findings.some(({ rule }) => rule === "typescript"));
});

test("check names the folder that a bundler writes functions into, also before the build has run", async (t) => {
  const build = "esbuild src/functions/*.ts --bundle --outdir=dist/functions";
  const folder = makeProject(t, {
    "package.json": JSON.stringify({ scripts: { build } }),
    "src/functions/a.ts": typed,
    "src/lib/x.ts": "export const x = 1;",
  });
  const { report } = await checked(folder);
  assert.deepEqual(
    report.findings.map(({ rule, file }) => [rule, file]),
    [["build-output", "dist/functions"]],
  );
});
