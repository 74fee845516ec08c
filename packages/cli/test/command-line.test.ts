import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { makeProject } from "../../runtime/test/unit/project/temp-project.ts";
import { readInput } from "../src/command-input.ts";
import { run } from "../src/command-line.ts";
import { loadCommand } from "../src/command-table.ts";
import { settingFlags } from "../src/commands/log-options.ts";
import { fakeContext } from "./fake-context.ts";

async function outcome(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const context = fakeContext();
  const code = await run(args, context);
  return { code, out: context.stdout.text, err: context.stderr.text };
}

for (const args of [["help"], ["--help"], ["-h"]]) {
  test(`offhook ${args.join(" ")} lists the commands on stdout`, async () => {
    const { code, out, err } = await outcome(...args);
    assert.equal(code, 0);
    assert.match(out, /start \[folder\]/);
    assert.equal(err, "");
  });
}

for (const args of [
  ["start", "--help"],
  ["start", "-h"],
  ["start", "x", "--port", "1", "--help"],
  ["help", "start"],
]) {
  test(`offhook ${args.join(" ")} explains the settings and exit codes`, async () => {
    const { code, out } = await outcome(...args);
    assert.equal(code, 0);
    assert.match(out, /-p, --port <number> {2,}Port to listen on/);
    assert.match(out, /--timeout <time> .*\[10s\]/);
    assert.match(out, /^ {2}4 {2}the server cannot listen on the address$/m);
    for (const line of out.split("\n")) assert.ok(line.length <= 110, line);
  });
}

test("offhook alone shows the help on stderr and is a usage error", async () => {
  const { code, out, err } = await outcome();
  assert.equal(code, 2);
  assert.equal(out, "");
  assert.match(err, /Usage: offhook <command>/);
});

test("--version prints only the version", async () => {
  assert.match((await outcome("--version")).out, /^\d+\.\d+\.\d+\n$/);
});

test("an unknown command is rejected, with a suggestion if one is similar", async () => {
  const { code, out, err } = await outcome("strat");
  assert.equal(code, 2);
  assert.equal(out, "");
  assert.match(err, /"strat"; did you mean "offhook start"\?/);
  assert.match(err, /\[command-unknown\]/);
  assert.doesNotMatch((await outcome("xylophone")).err, /did you mean/);
  assert.equal((await outcome("help", "xylophone")).code, 2);
});

test("a folder in place of a command gets a suggestion", async (t) => {
  const folder = makeProject(t);
  assert.ok((await outcome(folder)).err.includes(`did you mean "offhook start ${folder}"?`));
});

const failures: readonly (readonly [string[], number, RegExp])[] = [
  [["--no-acess-log"], 2, /--no-acess-log; did you mean/],
  [["--prot", "1"], 2, /--prot; did you mean --port\?[^]*\[setting-unknown\]/],
  [["--port"], 2, /Missing value for --port\. Expected a whole number[^]*\[setting-invalid\]/],
  [["--port", "abc"], 2, /Invalid value for --port: "abc"/],
  [["--no-port"], 2, /Invalid value for --port: false/],
  [["--tunnel", "x {port}"], 2, /--tunnel only works with offhook dev[^]*\[setting-invalid\]/],
  [["one-too-many"], 2, /"one-too-many"; start accepts one folder/],
  [["--functions-folder", "nowhere"], 3, /nowhere, set by functionsFolder[^]*\[folder-missing\]/],
  [[], 3, /no functions and no assets[^]*Put functions in functions\/[^]*\[project-empty\]/],
];

for (const [args, expected, message] of failures) {
  test(`offhook start <empty folder> ${args.join(" ")} fails with one message and exit code ${expected}`, async (t) => {
    const { code, out, err } = await outcome("start", makeProject(t), ...args);
    assert.equal(code, expected);
    assert.equal(out, "");
    assert.match(err, message);
    assert.doesNotMatch(err, /\n\s+at /);
  });
}

test("the error for a missing folder names it", async (t) => {
  const folder = join(makeProject(t), "nope");
  const { code, err } = await outcome("start", folder);
  assert.equal(code, 3);
  assert.ok(err.includes(`offhook: The folder does not exist: ${folder}\n`));
});

test("names in an error cannot control the terminal, or look like one of our lines", async (t) => {
  const folder = makeProject(t, { "offhook.json": '{"\\u001b[2J\\noffhook: bogus": 1}' });
  for (const args of [["\u001b[2J"], ["dev", "--\u001b[2J"], ["start", "no\u001b[2J"], ["check", folder]]) {
    const { code, err } = await outcome(...args);
    assert.notEqual(code, 0);
    assert.match(err, /\\u001b\[2J/);
    // oxlint-disable-next-line no-control-regex -- the test looks for control characters
    assert.doesNotMatch(err, /\u001b|\noffhook/);
  }
});

for (const verb of ["start", "dev"] as const) {
  test(`offhook ${verb} --json prints a log for programs`, async (t) => {
    const input = readInput(verb, await loadCommand(verb), [makeProject(t), "--json"]);
    const options = input.options as unknown as { json: boolean };
    assert.deepEqual(settingFlags({ flags: input.flags, options }), { log: "json" });
    assert.deepEqual(settingFlags({ flags: { log: "text" }, options }), { log: "text" });
    assert.deepEqual(settingFlags({ flags: { port: "1" }, options: { json: false } }), { port: "1" });
  });
}
