import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { exitCodes } from "@offhook/runtime/errors";
import { makeProject } from "../packages/runtime/test/unit/project/temp-project.ts";
import { skeletonNames } from "../packages/cli/src/new/skeleton-names.ts";
import { startOffhook } from "./offhook-process.ts";
import { copyProject } from "./temporary-project.ts";
import { compile, runOffhook } from "./typed-project.ts";

const js = "exports.handler = (c, e, callback) => callback(null, 1);\n";

async function makes(
  folder: string,
  ...args: readonly string[]
): Promise<{ file: string; path: string; try: string | null }> {
  const { code, out, err } = await runOffhook(folder, "new", ...args, "--json");
  assert.deepEqual([code, err], [0, ""]);
  return JSON.parse(out) as { file: string; path: string; try: string | null };
}

for (const [what, files, file] of [
  ["an empty project", { "package.json": "{}" }, "functions/a.js"],
  ["an empty project with a tsconfig.json", { "package.json": "{}", "tsconfig.json": "{}" }, "functions/a.ts"],
  ["a project of TypeScript", { "functions/x.ts": "", "functions/y.ts": "", "functions/z.js": js }, "functions/a.ts"],
  ["a project of .mjs", { "functions/x.mjs": "" }, "functions/a.mjs"],
  ["a project with its sources in src", { "src/functions/x.js": js }, "src/functions/a.js"],
  ["a project with its assets in src", { "src/assets/x.txt": "" }, "src/functions/a.js"],
  [
    "a project whose settings name a folder",
    { "offhook.json": '{"functionsFolder":"lambdas"}', "package.json": "{}" },
    "lambdas/a.js",
  ],
  ["a project for twilio-run", { ".twilioserverlessrc": '{"functionsFolder":"f"}', "f/x.js": js }, "f/a.js"],
] as const) {
  test(`in ${what} a function is ${file}`, async (t) => {
    const folder = makeProject(t, files);
    const made = await makes(folder, "function", "a");
    assert.deepEqual([made.file, made.path], [file, "/a"]);
    assert.ok(existsSync(join(folder, file)));
  });
}

test("new functions of each kind run, in each language", async () => {
  await using project = await copyProject(undefined, {
    "package.json": "{}",
    ".env": "AUTH_TOKEN=x\nACCOUNT_SID=AC1\n",
  });
  for (const kind of skeletonNames) {
    await makes(project.folder, "function", `js/${kind}`, "--as", kind);
    await makes(project.folder, "function", `cjs/${kind}.cjs`, "--as", kind);
    await makes(project.folder, "function", `mjs/${kind}.mjs`, "--as", kind);
    await makes(project.folder, "function", `ts/${kind}`, "--as", kind, "--typescript");
  }
  await using offhook = await startOffhook(project.folder);
  for (const language of ["js", "cjs", "mjs", "ts"]) {
    for (const kind of skeletonNames) {
      const reply = await fetch(`${offhook.url}/${language}/${kind}?Body=hi`);
      const text = await reply.text();
      assert.equal(reply.status, kind === "flex" ? 403 : 200, `${language}/${kind}: ${text}`);
      assert.match(text, /You said: hi|<Say>|"success":true|"received"|Token was not provided/, `${language}/${kind}`);
    }
  }
});

test("new TypeScript functions compile", async () => {
  await using project = await copyProject(undefined, { "package.json": '{"type":"module"}' });
  for (const kind of skeletonNames) await makes(project.folder, "function", kind, "--as", kind, "--typescript");
  await makes(project.folder, "function", "lib", "--private", "--typescript");
  await runOffhook(project.folder, "types");
  const errors = await compile(project.folder, {
    customConditions: ["offhook-source"],
    allowImportingTsExtensions: true,
  });
  assert.deepEqual(errors, []);
});

test("in a project of ES modules, a new JavaScript function is an ES module", async () => {
  await using project = await copyProject(undefined, { "package.json": '{"type":"module"}' });
  await makes(project.folder, "function", "studio", "--as", "studio");
  await makes(project.folder, "function", "lib", "--private");
  assert.match(readFileSync(join(project.folder, "functions/lib.private.js"), "utf8"), /^export const greet/m);
  const { code, out } = await runOffhook(project.folder, "invoke", "studio");
  assert.deepEqual([code, out], [0, '{"success":true}']);
});

test("offhook new shows the file, its path and a command that calls it", async (t) => {
  const folder = makeProject(t, { "package.json": "{}" });
  const runNew = async (...args: string[]): Promise<string> => (await runOffhook(folder, "new", ...args)).out;
  assert.equal(
    await runNew("function", "sms/reply", "--as", "sms", "--protected"),
    "Wrote functions/sms/reply.protected.js, protected: /sms/reply\nTry it: npx offhook invoke sms/reply --as sms --signed\n",
  );
  assert.match(await runNew("function", "voice", "--as", "voice"), /^Anyone can call it\./m);
  assert.match(await runNew("function", "wrapped", "--as", "flex"), /npm install @offhook\/helpers/);
  assert.match(await runNew("function", "lib", "--private"), /private: Runtime\.getFunctions\(\)\["lib"\]\n$/);
  assert.match(await runNew("asset", "index.html"), /Try it: curl http:\/\/localhost:3000\/index\.html/);
  assert.match(readFileSync(join(folder, "assets/index.html"), "utf8"), /^<!doctype html>/);
  assert.match(
    await runNew("asset", "prices.json", "--private"),
    /private: Runtime\.getAssets\(\)\["\/prices\.json"\]\n$/,
  );
});

const refusals: readonly (readonly [what: string, args: string[], code: number, RegExp])[] = [
  ["a file that is there", ["function", "hello.js"], exitCodes.project, /functions\/hello\.js[^]*\[file-exists\]/],
  [
    "a path that another function has",
    ["function", "hello", "--protected"],
    exitCodes.project,
    /\/hello is functions\/hello\.js[^]*\[file-exists\]/,
  ],
  [
    "a path that an asset has",
    ["function", "page.html"],
    exitCodes.project,
    /\/page\.html is assets\/page\.html[^]*\[file-exists\]/,
  ],
  ["a path that a function has, for an asset", ["asset", "hello"], exitCodes.project, /\[file-exists\]/],
  ["a path out of the folder", ["function", "../x"], exitCodes.usage, /\[name-invalid\]/],
  [
    "a path out of the folder through a link",
    ["function", "out/x"],
    exitCodes.usage,
    /is a link that leads out of[^]*\[name-invalid\]/,
  ],
  ["a file in a folder's place", ["function", "hello.js/x"], exitCodes.project, /\[file-unwritable\]/],
  ["another kind", ["functon", "x"], exitCodes.usage, /Did you mean function\?/],
  ["no kind", [], exitCodes.usage, /Missing arguments: function or asset, and a path/],
  ["no path", ["asset"], exitCodes.usage, /such as index\.html/],
  [
    "both markers",
    ["function", "x", "--private", "--protected"],
    exitCodes.usage,
    /--protected and --private cannot be combined/,
  ],
  [
    "an asset with a language",
    ["asset", "x", "--typescript"],
    exitCodes.usage,
    /--typescript only applies to functions/,
  ],
  ["an asset that is a webhook", ["asset", "x", "--as", "sms"], exitCodes.usage, /--as only applies to functions/],
  [
    "a private webhook",
    ["function", "x", "--private", "--as", "sms"],
    exitCodes.usage,
    /A private function receives no requests/,
  ],
];

test("offhook new overwrites nothing, and writes no duplicate path and no file outside its folder", async (t) => {
  const folder = makeProject(t, { "functions/hello.js": js, "assets/page.html": "", "package.json": "{}" });
  const outside = realpathSync(mkdtempSync(join(tmpdir(), "offhook-outside-")));
  t.after(() => rmSync(outside, { recursive: true }));
  symlinkSync(outside, join(folder, "functions/out"));
  for (const [what, args, code, message] of refusals) {
    await t.test(what, async () => {
      const end = await runOffhook(folder, "new", ...args);
      assert.equal(end.code, code, end.err);
      assert.match(end.err, message);
      assert.equal(end.out, "");
    });
  }
  assert.equal(readFileSync(join(folder, "functions/hello.js"), "utf8"), js);
  assert.equal(existsSync(join(outside, "x.js")), false);
});

test("offhook new rejects a folder without a project", async (t) => {
  const folder = makeProject(t);
  mkdirSync(join(folder, "anything"));
  const { code, err } = await runOffhook(folder, "new", "function", "a");
  assert.equal(code, exitCodes.project);
  assert.match(err, /is not a project; create one with "offhook init"[^]*\[project-empty\]/);
  assert.equal(existsSync(join(folder, "functions")), false);
});
