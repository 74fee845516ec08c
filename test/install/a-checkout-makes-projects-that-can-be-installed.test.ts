/**
 * Walks from a checkout to a running project, and from there to a second one, as a user does: with packed packages, and
 * everything else from the registry. `npm run test:install` does it for each template.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { packedPackages } from "../../scripts/packed-packages.ts";
import { repository } from "../offhook-process.ts";
import { machineWith, useProject } from "./first-use.ts";

async function archivesNamedBy(folder: string): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Record<
    "dependencies" | "devDependencies",
    Record<string, string>
  >;
  const specifiers = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
  return specifiers
    .filter((each) => each.startsWith("file:"))
    .map((each) => join(folder, each.slice("file:".length)))
    .toSorted();
}

test("a checkout makes a project that can be installed, and so does the installed command", async (t) => {
  const machine = await machineWith(t, process.execPath);
  const { folder, run } = machine;
  const expected = [...(await packedPackages()).values()].toSorted();

  const launcher = join(repository, "packages/cli/bin/offhook.js");
  await run(folder, "node", launcher, "init", "first", "--template", "sms");
  assert.deepEqual(await archivesNamedBy(join(folder, "first")), expected);
  await useProject(machine, join(folder, "first"), "sms", "js");

  await run(join(folder, "first"), "npx", "offhook", "init", "../second", "--template", "studio", "--typescript");
  assert.deepEqual(await archivesNamedBy(join(folder, "second")), expected);
  await useProject(machine, join(folder, "second"), "studio", "ts");
});
