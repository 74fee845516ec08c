import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { missingProgramsText } from "../scripts/required-programs.ts";
import { pages } from "./markdown.ts";

test("npm test says which programs are missing, and which packages have them", async (t) => {
  assert.equal(missingProgramsText(process.env["PATH"] ?? ""), undefined);
  const folder = await mkdtemp(join(tmpdir(), "offhook-programs-"));
  t.after(() => rm(folder, { recursive: true }));
  for (const program of ["curl", "git", "tar", "setpriv", "openssl"]) {
    await writeFile(join(folder, program), "");
    await chmod(join(folder, program), program === "openssl" ? 0o644 : 0o755);
  }
  assert.equal(
    missingProgramsText(["/nowhere", folder].join(delimiter)),
    "The tests need openssl, prlimit, script, not found on the PATH. On Debian: apt-get install openssl util-linux bsdutils",
  );
});

test("README and CONTRIBUTING name the programs that the tests need", () => {
  const [, names = ""] = /need (.+), not found/.exec(missingProgramsText("") ?? "") ?? [];
  for (const { path, text } of pages("README.md", "CONTRIBUTING.md")) {
    for (const name of names.split(", ")) assert.ok(text.includes(`\`${name}\``), `${path}: ${name}`);
  }
});
