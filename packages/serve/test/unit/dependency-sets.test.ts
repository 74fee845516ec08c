/** Sets of installed packages: who shares one, and what is checked before it is used. */
import assert from "node:assert/strict";
import { mkdir, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { removeTree } from "../../src/artefacts/remove-tree.ts";
import { lockHashOf, publishSet } from "../../src/builds/dependency-sets.ts";
import { temporaryFolder } from "../temporary-folder.ts";

test("accounts share a set only if no credentials were used", () => {
  const facts = { lock: "{}", runtime: "node24", isPrivate: false, accountSid: "AC1" };
  assert.equal(lockHashOf(facts), lockHashOf({ ...facts, accountSid: "AC2" }));
  const secret = { ...facts, isPrivate: true };
  assert.notEqual(lockHashOf(secret), lockHashOf({ ...secret, accountSid: "AC2" }));
  assert.notEqual(lockHashOf(secret), lockHashOf(facts));
  assert.notEqual(lockHashOf(facts), lockHashOf({ ...facts, runtime: "node22" }));
  assert.notEqual(lockHashOf(facts), lockHashOf({ ...facts, lock: "{ }" }));
});

async function install(t: TestContext): Promise<{ installed: string; modules: string; sets: string }> {
  const folder = await temporaryFolder(t);
  const installed = join(folder, "installed");
  const modules = join(installed, "node_modules");
  await mkdir(join(modules, "a/lib"), { recursive: true });
  await mkdir(join(modules, ".bin"));
  await writeFile(join(modules, "a/lib/index.js"), "12345");
  await writeFile(join(modules, "a/run.js"), "123", { mode: 0o755 });
  await symlink("../a/run.js", join(modules, ".bin/run"));
  return { installed, modules, sets: join(folder, "sets") };
}

test("a published set is read-only, and can be removed", async (t) => {
  const { installed, sets } = await install(t);
  const { folder, bytes } = await publishSet(installed, sets);
  assert.equal(bytes, 8);
  const modules = join(sets, folder, "node_modules");
  const modes = [];
  for (const path of ["", "a", "a/lib", "a/lib/index.js", "a/run.js", ".bin"]) {
    modes.push(((await stat(join(modules, path))).mode & 0o777).toString(8));
  }
  assert.deepEqual(modes, ["555", "555", "555", "444", "555", "555"]);
  await removeTree(join(sets, folder));
  assert.deepEqual(await readdir(sets), []);
});

for (const [why, links] of [
  ["an absolute link", { out: "/etc/passwd" }],
  ["a relative link", { out: "../../.." }],
  ["a link to the folder of the packages itself", { out: ".." }],
  ["a link to nothing outside", { out: "../../absent" }],
  ["a link through another link", { deep: "lib", out: "deep/../../.." }],
] as const) {
  test(`a set is refused if it has ${why} that leads out of the packages`, async (t) => {
    const { installed, modules, sets } = await install(t);
    for (const [name, target] of Object.entries(links)) await symlink(target, join(modules, "a", name));
    await assert.rejects(publishSet(installed, sets), /The link a\/out leads out of the packages/);
    assert.deepEqual(await readdir(sets).catch(() => []), []);
  });
}
