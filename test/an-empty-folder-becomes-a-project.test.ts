/**
 * `offhook dev` in a folder without a project.
 */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { call } from "../packages/runtime/test/site.ts";
import { repository } from "./offhook-process.ts";
import { openTerminal, type PseudoTerminal } from "./pseudo-terminal.ts";
import { copyProject } from "./temporary-project.ts";

async function devInEmptyFolder(t: TestContext): Promise<{ folder: string; terminal: PseudoTerminal }> {
  const copy = await copyProject(undefined, {});
  t.after(() => copy[Symbol.asyncDispose]());
  const program = join(repository, "packages/cli/bin/offhook.js");
  const command = `cd '${copy.folder}' && '${process.execPath}' '${program}' dev --port 0`;
  return { folder: copy.folder, terminal: openTerminal(t, command, { NO_COLOR: "1" }) };
}

test("in a terminal, dev offers to create a project, and serves it", async (t) => {
  const { terminal } = await devInEmptyFolder(t);
  await terminal.shows(/There is no project in this folder\. Create one here\? \(y\/N\) /);
  terminal.type("y\n");
  await terminal.shows(/What should the project do\?[^]*Number or name \[sms\]: /);
  terminal.type("api\n");
  await terminal.shows(/Which language\?[^]*Number or name \[js\]: /);
  terminal.type("\n");
  await terminal.shows(/Next, in another terminal:[^]*h help\r\n/);
  const url = /ready in \d+ ms: (http:\S+)/.exec(terminal.text)?.[1]?.replace("localhost", "127.0.0.1") ?? "";
  assert.equal((await call(url, "/api/greeting?name=Ada")).status, 200);
  // The keys work after the questions.
  terminal.type("q");
  assert.equal(await terminal.end(), 0);
});

for (const [name, answer] of [
  ["Enter", "\n"],
  ["Ctrl+D", "\u0004"],
] as const) {
  test(`${name} creates nothing, and dev fails as without a terminal`, async (t) => {
    const { folder, terminal } = await devInEmptyFolder(t);
    const before = await readdir(folder);
    await terminal.shows(/\(y\/N\) /);
    terminal.type(answer);
    assert.equal(await terminal.end(), 3);
    assert.match(terminal.text, /no functions and no assets/);
    assert.deepEqual(await readdir(folder), before);
  });
}
