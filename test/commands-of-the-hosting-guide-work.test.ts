/** Runs the commands of `docs/hosting/operators.md`, in their order, while a server runs on the data folder. */
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { splitWords } from "../packages/runtime/src/settings/command-words.ts";
import { makeProject } from "../packages/runtime/test/unit/project/temp-project.ts";
import { accountSid, startHosting } from "../packages/serve/test/hosting.ts";
import { codeBlocks, pages } from "./markdown.ts";
import { runOffhook, runProgram } from "./typed-project.ts";
import { repository } from "./offhook-process.ts";

const shownAccount = "AC0123456789abcdef0123456789abcdef";
const shownKey = "SK0123456789abcdef0123456789abcdef";

test("the commands of the page for operators work in their order", async (t) => {
  const hosting = await startHosting(t);
  const { dataFolder } = hosting.settings;
  await hosting.api("POST", "/v1/Services", { UniqueName: "shop", FriendlyName: "Shop" });
  const folder = makeProject(t, { "token.txt": "the-auth-token-of-twilio" });
  mkdirSync(join(folder, "backup"));
  copyFileSync(join(dataFolder, "master.key"), join(folder, "master.key"));
  const issued = await runOffhook(folder, "keys", "create", "--data", dataFolder, "--account", accountSid, "--json");
  const { key } = JSON.parse(issued.out) as { key: string };
  const [page] = pages("docs/hosting/operators.md");
  assert.ok(page !== undefined);
  const lines = codeBlocks(page).flatMap(({ lines: all }) => all.filter((line) => line.includes("npx offhook ")));
  assert.ok(lines.length > 12);
  for (const line of lines) {
    const words = (splitWords(line) ?? []).map((word) =>
      word
        .replace("/var/lib/offhook", dataFolder)
        .replace("/var/lib/restored", join(folder, "restored"))
        .replace("/backup/", `${join(folder, "backup")}/`)
        .replace("/safe/", `${folder}/`)
        .replace(shownKey, key),
    );
    // The new master key must not be made while a server runs.
    if (words.includes("reseal")) await hosting.stop();
    const variables = words.splice(0, words.indexOf("npx"));
    const command = join(repository, "packages/cli/bin/offhook.js");
    const { code, err } = await runProgram(
      "/usr/bin/env",
      [...variables, process.execPath, command, ...words.slice(2)],
      folder,
    );
    assert.equal(code, 0, `${line}\n${err}`);
  }
  const accounts = await runOffhook(folder, "accounts", "list", "--data", dataFolder);
  assert.match(accounts.out, new RegExp(`^${shownAccount} `, "m"));
});
