/**
 * Shells complete the commands, options and values that the commands declare.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { makeProject } from "../../runtime/test/unit/project/temp-project.ts";
import { run } from "../src/command-line.ts";
import { commandTable } from "../src/command-table.ts";
import { bashScript } from "../src/completion/bash.ts";
import { readCandidates } from "../src/completion/candidates.ts";
import type { CommandCandidate } from "../src/completion/candidates.ts";
import { fishScript } from "../src/completion/fish.ts";
import { zshScript } from "../src/completion/zsh.ts";
import { fakeContext } from "./fake-context.ts";

/** The completions of the real bash for the last of `words`. */
async function offered(folder: string, ...words: string[]): Promise<string[]> {
  const program = `${bashScript(await readCandidates(commandTable))}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _offhook; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync("bash", ["-c", program, "bash", ...words], {
    cwd: folder,
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  return stdout.split("\n").filter((line) => line !== "");
}

test("bash completes commands, options, their values, files and folders", async (t) => {
  const folder = makeProject(t);
  mkdirSync(join(folder, "my project"));
  writeFileSync(join(folder, ".env.test"), "");
  assert.deepEqual(await offered(folder, "offhook", "star"), ["start"]);
  assert.deepEqual(await offered(folder, "offhook", "start", "--log-l"), ["--log-level"]);
  assert.deepEqual(await offered(folder, "offhook", "start", "--log", ""), ["text", "json"]);
  assert.deepEqual(await offered(folder, "offhook", "start", "--log", "=", "j"), ["json"]);
  assert.deepEqual(await offered(folder, "offhook", "start", "-p", ""), []);
  assert.deepEqual(await offered(folder, "offhook", "start", "--env", ".e"), [".env.test"]);
  assert.deepEqual(await offered(folder, "offhook", "start", ""), ["my project"]);
  assert.deepEqual(await offered(folder, "offhook", "start", "-p", "1", "--no-access-log", ""), ["my project"]);
  assert.deepEqual(await offered(folder, "offhook", "start", "x", ""), []);
  assert.deepEqual(await offered(folder, "offhook", "completion", "f"), ["fish"]);
  assert.deepEqual(await offered(folder, "offhook", "help", "star"), ["start"]);
});

for (const [shell, script] of Object.entries({ bash: bashScript, zsh: zshScript, fish: fishScript })) {
  test(`${shell} knows every command and every option`, async () => {
    const commands = await readCandidates(commandTable);
    const text = script(commands);
    for (const { name, options } of commands) {
      assert.ok(text.includes(name), name);
      for (const { flag } of options) assert.ok(text.includes(flag.slice(shell === "fish" ? 2 : 0)), flag);
    }
    const context = fakeContext();
    assert.equal(await run(["completion", shell], context), 0);
    assert.equal(context.stdout.text, text);
  });
}

test("quotes and brackets in a description do not end it", () => {
  const option = {
    flag: "--x",
    description: "It's [a:b].",
    isList: true,
    value: { name: "a:b", completes: ["c", "d"] },
  };
  const commands: CommandCandidate[] = [{ name: "one", summary: "it's one", positionals: [], options: [option] }];
  assert.ok(zshScript(commands).includes(String.raw`'*--x[It'\''s \[a\:b\].]:a\:b:(c d)'`));
  assert.ok(zshScript(commands).includes(String.raw`'one:it'\''s one'`));
  assert.ok(fishScript(commands).includes(String.raw`-l x -d 'It\'s [a:b].' -x -a 'c d'`));
});

test("an unknown shell is rejected, and --json needs no shell", async () => {
  for (const args of [["completion"], ["completion", "tcsh"], ["completion", "toString"]]) {
    const context = fakeContext();
    assert.equal(await run(args, context), 2);
    assert.match(context.stderr.text, /\. Expected bash, zsh or fish\./);
  }
  const context = fakeContext();
  assert.equal(await run(["completion", "--json"], context), 0);
  const { commands } = JSON.parse(context.stdout.text) as { commands: CommandCandidate[] };
  assert.ok(commands.some(({ name }) => name === "start"));
});
