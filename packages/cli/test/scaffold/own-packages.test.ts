import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { archivesInLockFile, findOwnPackages } from "../../src/scaffold/own-packages.ts";

const names = [
  "@offhook/check",
  "@offhook/client",
  "@offhook/dashboard",
  "@offhook/helpers",
  "@offhook/phone",
  "@offhook/runtime",
  "@offhook/serve",
  "offhook",
];

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "offhook-own-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** @returns the `node_modules` of a project in which npm installed our packages. */
async function installed(t: TestContext, resolved: (name: string) => string): Promise<string> {
  const modules = join(await temporaryFolder(t), "project/node_modules");
  await mkdir(modules, { recursive: true });
  const packages = Object.fromEntries(names.map((name) => [`node_modules/${name}`, { resolved: resolved(name) }]));
  await writeFile(join(modules, ".package-lock.json"), JSON.stringify({ packages }));
  return modules;
}

test("archives that npm installed are found in its lock file", async (t) => {
  const modules = await installed(t, (name) => `file:../archives/${name}.tgz`);
  const archives = archivesInLockFile(modules);
  assert.deepEqual([...(archives?.keys() ?? [])].toSorted(), names);
  assert.equal(archives?.get("offhook"), join(modules, "../../archives/offhook.tgz"));
});

test("there are no archives if a package came from a registry, or another package manager installed it", async (t) => {
  const fromRegistry = (name: string): string => `https://registry.example.org/${name}.tgz`;
  assert.equal(archivesInLockFile(await installed(t, fromRegistry)), undefined);
  const oneFromRegistry = (name: string): string => (name === "offhook" ? fromRegistry(name) : `file:../${name}.tgz`);
  assert.equal(archivesInLockFile(await installed(t, oneFromRegistry)), undefined);
  assert.equal(archivesInLockFile(await temporaryFolder(t)), undefined);
});

test("a checkout packs its packages, and names the archives relative to the project", async (t) => {
  const { specifiers, areArchives } = await findOwnPackages(await temporaryFolder(t), () => undefined);
  assert.ok(areArchives);
  assert.deepEqual(Object.keys(specifiers).toSorted(), names);
  for (const specifier of Object.values(specifiers)) {
    assert.match(specifier, /^file:\.\.\/.*packed\/[0-9a-f]+\/offhook-[\w.-]+\.tgz$/);
  }
});
