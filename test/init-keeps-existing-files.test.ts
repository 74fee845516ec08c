import assert from "node:assert/strict";
import { existsSync, readFileSync, realpathSync, statSync, symlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { parseEnv } from "node:util";
import { exitCodes } from "@offhook/runtime/errors";
import { packedPackages } from "../scripts/packed-packages.ts";
import { makeProject } from "../packages/runtime/test/unit/project/temp-project.ts";
import { runOffhook } from "./typed-project.ts";

interface Made {
  readonly template: string | null;
  readonly written: readonly string[];
  readonly changed: readonly { path: string; added: readonly string[] }[];
  readonly kept: readonly string[];
  readonly keptScripts: readonly string[];
  readonly next: readonly string[];
}

async function init(folder: string, ...args: readonly string[]): Promise<Made> {
  const { code, out, err } = await runOffhook(folder, "init", ...args, "--json");
  assert.deepEqual([code, err], [0, ""]);
  return JSON.parse(out) as Made;
}

const textOf = (folder: string, path: string): string => readFileSync(join(folder, path), "utf8");

/** A project as twilio-run's scaffolder makes it. */
const theirs = {
  "package.json": `{
\t"name": "theirs",
\t"scripts": { "start": "twilio-run", "test": "tsc --noEmit" },
\t"files": ["a", "b"],
\t"dependencies": {
\t\t"twilio": "5.0.3"
\t}
}
`,
  ".gitignore": "# logs\r\nlogs",
  ".env": "ACCOUNT_SID=ACtheirs\nAUTH_TOKEN=their-secret",
  "functions/hello.js": "exports.handler = (c, e, callback) => callback(null, 1);\n",
};

test("a project for twilio-run gets the missing scripts and the command, and nothing else changes", async (t) => {
  const folder = makeProject(t, theirs);
  const made = await init(folder);
  assert.equal(made.template, null);
  assert.deepEqual(made.written, []);
  assert.deepEqual(made.keptScripts, ["scripts.start"]);
  assert.deepEqual(made.next, ["npm install", "npx offhook dev"]);
  const packages = [...(await packedPackages())]
    .map(([name, archive]) => `\t\t"${name}": "file:${relative(realpathSync(folder), archive)}"`)
    .toSorted();
  assert.equal(
    textOf(folder, "package.json"),
    `{
\t"name": "theirs",
\t"scripts": {
\t\t"start": "twilio-run",
\t\t"test": "tsc --noEmit",
\t\t"dev": "offhook dev"
\t},
\t"files": ["a", "b"],
\t"dependencies": {
\t\t"twilio": "5.0.3"
\t},
\t"devDependencies": {
${packages.join(",\n")}
\t}
}
`,
  );
  assert.equal(textOf(folder, ".gitignore"), "# logs\r\nlogs\r\nnode_modules/\r\n.env\r\n");
  for (const path of [".env", "functions/hello.js"] as const) assert.equal(textOf(folder, path), theirs[path]);
  assert.equal(existsSync(join(folder, ".env.example")), false);
});

test("a second init changes nothing", async (t) => {
  const folder = makeProject(t);
  const first = await init(folder, "--template", "api", "--typescript");
  assert.ok(first.written.includes("functions/api/greeting.ts"));
  const before = first.written.map((path) => textOf(folder, path));
  const again = await init(folder, "--template", "api", "--typescript");
  assert.deepEqual([again.written, again.changed], [[], []]);
  assert.deepEqual(again.kept.toSorted(), first.written.toSorted());
  assert.deepEqual(
    first.written.map((path) => textOf(folder, path)),
    before,
  );
});

test("a named template goes into the project's own functions folder, and its tests find the functions", async (t) => {
  const folder = makeProject(t, { "src/functions/hello.js": theirs["functions/hello.js"], ".env": "OTHER='a\nb'" });
  const made = await init(folder, "-t", "sms");
  assert.ok(made.written.includes("src/functions/sms.protected.js"));
  assert.match(textOf(folder, "test/sms.test.js"), /require\("\.\.\/src\/functions\/sms\.protected"\)/);
  assert.match(textOf(folder, "README.md"), /`src\/functions\/sms\.protected\.js`/);
  // Existing variables stay, and missing ones get made-up values.
  assert.deepEqual(made.changed, [{ path: ".env", added: ["ACCOUNT_SID", "AUTH_TOKEN"] }]);
  const { OTHER, AUTH_TOKEN } = parseEnv(textOf(folder, ".env"));
  assert.equal(OTHER, "a\nb");
  assert.match(AUTH_TOKEN ?? "", /^[0-9a-f]{32}$/);
});

test("init shows no secrets, and only the owner can read a new .env", async (t) => {
  const folder = makeProject(t, { ".env.example": "AUTH_TOKEN=\n" });
  const { out } = await runOffhook(folder, "init");
  const { AUTH_TOKEN = "nothing" } = parseEnv(textOf(folder, ".env"));
  assert.ok(!out.includes(AUTH_TOKEN));
  assert.equal(statSync(join(folder, ".env")).mode & 0o777, 0o600);
  assert.equal(textOf(folder, ".env.example"), "AUTH_TOKEN=\nACCOUNT_SID=\n");
  assert.match(textOf(folder, ".gitignore"), /^\.env$/m);
  const other = makeProject(t);
  await init(other);
  assert.notEqual(parseEnv(textOf(other, ".env"))["AUTH_TOKEN"], AUTH_TOKEN);
});

test("without a terminal, init uses the template sms and says so", async (t) => {
  const folder = makeProject(t);
  const { out } = await runOffhook(folder, "init", "my app");
  assert.match(out, /from the template sms, in JavaScript\.\nsms is the default\./);
  assert.match(
    out,
    /^ {2}cd 'my app'\n {2}npm install\n {2}npx offhook invoke sms --as sms .*--signed\n {2}npx offhook dev\n$/m,
  );
  assert.equal((JSON.parse(textOf(folder, "my app/package.json")) as { name: string }).name, "my-app");
});

const refusals: readonly (readonly [what: string, files: Record<string, string>, args: string[], number, RegExp])[] = [
  ["a file in the folder's place", { taken: "" }, ["taken"], exitCodes.project, /taken is a file[^]*\[file-exists\]/],
  ["a folder in a file", { taken: "" }, ["taken/x"], exitCodes.project, /\(ENOTDIR\)[^]*\[file-unwritable\]/],
  ["an unknown template", {}, ["-t", "smss"], exitCodes.usage, /Did you mean sms\?[^]*\[setting-invalid\]/],
  [
    "two languages",
    {},
    ["--language", "js", "--typescript"],
    exitCodes.usage,
    /--typescript and --language js cannot be combined/,
  ],
  ["a package.json that is broken", { "package.json": "{" }, [], exitCodes.project, /\[file-malformed\]/],
  ["a package.json that is none", { "package.json": "[]" }, [], exitCodes.project, /\[file-malformed\]/],
  [
    "scripts of a wrong type",
    { "package.json": '{"scripts":[]}' },
    [],
    exitCodes.project,
    /"scripts" in [^]*\[file-malformed\]/,
  ],
  [
    "ES modules",
    { "package.json": '{"type":"module"}' },
    [],
    exitCodes.usage,
    /Add --typescript[^]*\[setting-invalid\]/,
  ],
  [
    "a path that is taken",
    { "functions/sms.js": "" },
    ["-t", "sms"],
    exitCodes.project,
    /\/sms is functions\/sms\.js[^]*\[file-exists\]/,
  ],
];

for (const [what, files, args, code, message] of refusals) {
  test(`${what} is rejected before anything is written`, async (t) => {
    const folder = makeProject(t, files);
    const end = await runOffhook(folder, "init", ...args);
    assert.equal(end.code, code, end.err);
    assert.match(end.err, message);
    for (const path of [".gitignore", ".env", "README.md", "test"])
      assert.equal(existsSync(join(folder, path)), false, path);
    for (const [path, text] of Object.entries(files)) assert.equal(textOf(folder, path), text);
  });
}

test("the error for a folder without write permission names the file", async (t) => {
  const folder = makeProject(t);
  // A broken link, which stops root as well.
  symlinkSync(join(folder, "nowhere/else"), join(folder, "functions"));
  const { code, err } = await runOffhook(folder, "init");
  assert.equal(code, exitCodes.project);
  assert.match(err, /functions[^]*\[file-unwritable\]/);
});

test("a file that is a link is kept, wherever it points", async (t) => {
  const folder = makeProject(t, { "elsewhere.txt": "theirs" });
  symlinkSync(join(folder, "elsewhere.txt"), join(folder, "README.md"));
  const made = await init(folder);
  assert.ok(made.kept.includes("README.md"));
  assert.equal(textOf(folder, "elsewhere.txt"), "theirs");
});

test("control characters in names are escaped", async (t) => {
  const folder = makeProject(t);
  const { out } = await runOffhook(folder, "init", "a\u001b[2Jb");
  // oxlint-disable-next-line no-control-regex -- it looks for control characters
  assert.doesNotMatch(out, /\u001b/);
  assert.match(out, /Offhook project in .*a\\u001b\[2Jb from/);
});

test("an unreadable .gitignore is an error", async (t) => {
  const folder = makeProject(t, { ".gitignore/x": "" });
  const { code, err } = await runOffhook(folder, "init");
  assert.equal(code, exitCodes.project);
  assert.match(err, /\.gitignore \(EISDIR\)[^]*\[file-unreadable\]/);
});
