import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { exitCodes } from "@offhook/runtime/errors";
import { makeProject } from "../packages/runtime/test/unit/project/temp-project.ts";
import { compile, makeTypedProject, runOffhook } from "./typed-project.ts";

const name = "offhook-env.d.ts";
const secret = "s3cret-value";

const project = {
  ".env": `GREETING=${secret}\nAUTH_TOKEN='${secret}'\nwith-dash="${secret}\n${secret}"\nEMPTY=\n`,
  "functions/sms/reply.protected.js": "",
  "functions/hello.js": "",
  "functions/common/hours.private.js": "",
  "assets/prices.private.json": "{}",
  "assets/index.html": "",
};

const written = (folder: string): string => readFileSync(join(folder, name), "utf8");

test("what a project has is written, by name, in order and without a value", async (t) => {
  const folder = makeProject(t, project);
  const { code, out, err } = await runOffhook(folder, "types");
  assert.deepEqual([code, err], [exitCodes.ok, ""]);
  assert.match(out, /^offhook-env\.d\.ts was written: 4 variables, 3 functions, 1 private asset\.\n/);
  const text = written(folder);
  assert.match(text, /^\/\/ Written by "offhook types"/);
  const keys = [...text.matchAll(/^ {4}(\S+): (?:string|FunctionResource|AssetResource);$/gm)].map((match) => match[1]);
  const variables = ["AUTH_TOKEN", "EMPTY", "GREETING", '"with-dash"'];
  assert.deepEqual(keys, [...variables, '"common/hours"', "hello", '"sms/reply"', '"/prices.json"']);
  for (const each of [text, out]) assert.ok(!each.includes(secret));
});

test("the folder may be named, and the options of start that say what a project is", async (t) => {
  const folder = makeProject(t, {
    "given/.env.example": "A=1",
    "given/lambdas/a.js": "",
    "given/files/b.private.txt": "",
  });
  const flags = ["--env", ".env.example", "--functions-folder", "lambdas", "--assets-folder=files"];
  const { code, out } = await runOffhook(folder, "types", "given", ...flags, "--json");
  assert.equal(code, 0);
  const { typesInstalled, ...found } = JSON.parse(out) as Record<string, unknown>;
  assert.equal(typesInstalled, false);
  const file = join(folder, "given", name);
  assert.deepEqual(found, { file, state: "written", variables: ["A"], functions: ["a"], privateAssets: ["/b.txt"] });
  assert.match(written(join(folder, "given")), /"\/b\.txt": AssetResource;/);
});

test("offhook.json is asked too", async (t) => {
  const folder = makeProject(t, { "offhook.json": '{ "functionsFolder": "lambdas" }', "lambdas/a.js": "" });
  assert.deepEqual(
    (JSON.parse((await runOffhook(folder, "types", "--json")).out) as { functions: unknown }).functions,
    ["a"],
  );
});

test("a file that is up to date is not touched, one that is not is", async (t) => {
  const folder = makeProject(t, project);
  await runOffhook(folder, "types");
  const long = new Date("2001-01-01T00:00:00Z");
  utimesSync(join(folder, name), long, long);
  const again = await runOffhook(folder, "types");
  assert.match(again.out, /^offhook-env\.d\.ts is up to date/);
  assert.equal(statSync(join(folder, name)).mtimeMs, long.getTime());
  // A value is no reason either.
  writeFileSync(join(folder, ".env"), project[".env"].replaceAll(secret, "another"));
  await runOffhook(folder, "types");
  assert.equal(statSync(join(folder, name)).mtimeMs, long.getTime());
  writeFileSync(join(folder, "functions/new.js"), "");
  await runOffhook(folder, "types");
  assert.notEqual(statSync(join(folder, name)).mtimeMs, long.getTime());
});

test("--check writes nothing, and says with an exit code of its own that the file is out of date", async (t) => {
  const folder = makeProject(t, project);
  const missing = await runOffhook(folder, "types", "--check");
  assert.equal(missing.code, exitCodes.outdated);
  assert.match(missing.err, /The types of the project are out of date[^]*Run `offhook types`[^]*\[types-outdated\]/);
  assert.ok(!existsSync(join(folder, name)));
  await runOffhook(folder, "types");
  assert.equal((await runOffhook(folder, "types", "--check")).code, exitCodes.ok);
  const before = written(folder);
  writeFileSync(join(folder, ".env"), "OTHER=1");
  const outdated = await runOffhook(folder, "types", "--check", "--json");
  assert.equal(outdated.code, exitCodes.outdated);
  assert.equal((JSON.parse(outdated.out) as { state: string }).state, "outdated");
  assert.equal(written(folder), before);
});

test("a project that cannot be read, or written to, is an error, and a mistyped option is", async (t) => {
  const empty = await runOffhook(makeProject(t), "types");
  assert.equal(empty.code, exitCodes.project);
  assert.match(empty.err, /\[project-empty\]/);
  const folder = makeProject(t, project);
  const typo = await runOffhook(folder, "types", "--chek");
  assert.equal(typo.code, exitCodes.usage);
  assert.match(typo.err, /--chek; did you mean --check\?[^]*\[setting-unknown\]/);
  assert.match((await runOffhook(folder, "types", "--port", "1")).err, /--port[^]*\[setting-unknown\]/);
  assert.match((await runOffhook(folder, "types", "--check=no")).err, /--check is "no"[^]*\[setting-invalid\]/);
  assert.match((await runOffhook(folder, "types", ".", "more")).err, /"more": types takes one folder/);
  assert.ok(!existsSync(join(folder, name)));
  // Root may write where it may not, but a folder is no file for anyone.
  const blocked = makeProject(t, project);
  mkdirSync(join(blocked, name));
  const unreadable = await runOffhook(blocked, "types");
  assert.equal(unreadable.code, exitCodes.project);
  assert.match(unreadable.err, /\[file-unreadable\]/);
  const dangling = makeProject(t, project);
  symlinkSync(join(dangling, "gone", name), join(dangling, name));
  const unwritable = await runOffhook(dangling, "types");
  assert.equal(unwritable.code, exitCodes.project);
  assert.match(unwritable.err, /ENOENT[^]*\[file-unwritable\]/);
});

test("help says what the command does, and its exit codes", async (t) => {
  const folder = makeProject(t);
  for (const args of [
    ["types", "--help"],
    ["types", "-h"],
    ["help", "types"],
  ]) {
    const { code, out } = await runOffhook(folder, ...args);
    assert.equal(code, 0);
    assert.match(out, /Usage: offhook types \[folder\]/);
    assert.match(out, /^ {2}6 {2}what is generated is out of date/m);
    for (const line of out.split("\n")) assert.ok(line.length <= 110, line);
  }
  assert.match((await runOffhook(folder, "typs")).err, /did you mean "offhook types"\?/);
});

/** What a file may be called where Offhook runs: all but a slash and a zero byte. */
const oddNames = [
  `quote"quote`,
  `back\\slash`,
  `tick\`$\{tick}`,
  `*⁄ comment`,
  `"; }; export const broken = 1; `,
  `line\nbreak`,
  `separator\u2028\u2029`,
  `right-to-left\u202e`,
  `tag\u{e0041}`,
  `größe`,
  `1st`,
  `new`,
  `__proto__`,
  `constructor`,
];

test("no name of a file or variable can break out of where it stands", async (t) => {
  const files = Object.fromEntries(
    oddNames.flatMap((each) => [
      [`functions/${each}.js`, ""],
      [`assets/${each}.private.x`, ""],
    ]),
  );
  const folder = await makeTypedProject(t, { ...files, ".env": "1st=1\na.b=1\nnew=1\n__proto__=1\n" }, ["@types/node"]);
  const { code, out, err } = await runOffhook(folder, "types", "--json");
  assert.equal(code, 0, err);
  const { functions, privateAssets } = JSON.parse(out) as Record<"functions" | "privateAssets", string[]>;
  // A file with a line break in its name is no function.
  const functionCount = oddNames.length - oddNames.filter((each) => /[\n\u2028]/.test(each)).length;
  assert.equal(functions.length, functionCount);
  assert.equal(privateAssets.length, oddNames.length);
  const text = written(folder);
  assert.ok(!/[^\P{C}\n]|[\u2028\u2029]/u.test(text));
  // Each name is on one line of its own.
  const lines = text.split("\n");
  assert.equal(lines.filter((line) => /^ {4}.*: FunctionResource;$/.test(line)).length, functionCount);
  assert.equal(lines.filter((line) => /^ {4}.*: AssetResource;$/.test(line)).length, oddNames.length);
  const others = lines.filter((line) => !/^ {4}.*: (?:string|FunctionResource|AssetResource);$/.test(line));
  assert.deepEqual(
    others,
    (await plainLines(t)).filter((line) => !line.startsWith("    a:") && !line.startsWith('    "/a')),
  );
  // And is what the compiler takes it for.
  const uses = functions.map((each) => `Runtime.getFunctions()[${JSON.stringify(each)}].path`);
  uses.push(...privateAssets.map((each) => `Runtime.getAssets()[${JSON.stringify(each)}].open()`));
  writeFileSync(join(folder, "use.ts"), `export const all: string[] = [${uses.join(",\n")}];\n`);
  assert.deepEqual(
    await compile(folder, { skipLibCheck: false }).then((all) => all.filter((line) => /^(use|offhook)/.test(line))),
    [],
  );
});

/** Of a project with one of each. */
async function plainLines(t: Parameters<typeof makeProject>[0]): Promise<string[]> {
  const folder = makeProject(t, { "functions/a.js": "", "assets/a.private.x": "", ".env": "a=1" });
  await runOffhook(folder, "types");
  return written(folder).split("\n");
}

test("who has no types installed is told how to get them, and who has is not", async (t) => {
  assert.match((await runOffhook(makeProject(t, project), "types")).out, /npm install --save-dev @offhook\/runtime/);
  const folder = await makeTypedProject(t, project, []);
  assert.doesNotMatch((await runOffhook(folder, "types")).out, /npm install/);
  assert.equal(
    (JSON.parse((await runOffhook(folder, "types", "--json")).out) as Record<string, unknown>)["typesInstalled"],
    true,
  );
});
