/**
 * The packages as `npm publish` would send them, installed as by `npm install`, without a registry.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, realpath, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { allPackages, packedPackages, type Package } from "../scripts/packed-packages.ts";
import { repository } from "./offhook-process.ts";

export const run = promisify(execFile);

function packageNamed(name: string): Package {
  const found = allPackages.find((each) => each.name === name);
  assert.ok(found !== undefined, name);
  return found;
}

export const cli = packageNamed("offhook");
export const helpers = packageNamed("@offhook/helpers");
export const dashboard = packageNamed("@offhook/dashboard");
export const check = packageNamed("@offhook/check");

/** Installs packed packages into `node_modules` of a folder. */
export async function unpackInto(folder: string, packages: readonly Package[]): Promise<void> {
  const archives = await packedPackages();
  for (const { name } of packages) {
    const target = join(folder, "node_modules", name);
    await mkdir(target, { recursive: true });
    await run("tar", ["-xzf", archives.get(name) ?? "", "-C", target, "--strip-components=1"]);
  }
}

/** @returns a new folder whose `node_modules` has the packages and their declared dependencies. */
export async function install(t: TestContext, wanted: readonly Package[]): Promise<string> {
  const packages = await withOwnDependencies(wanted);
  const folder = await realpath(await mkdtemp(join(tmpdir(), "offhook-install-")));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
  await unpackInto(folder, packages);
  for (const { source } of packages) await linkDependencies(folder, source);
  return folder;
}

/** Adds our own packages that a package depends on. */
async function withOwnDependencies(wanted: readonly Package[]): Promise<readonly Package[]> {
  const packages = new Set(wanted);
  // The set grows during the loop.
  for (const { source } of packages) {
    const names = await dependenciesOf(source);
    for (const each of allPackages) if (names.includes(each.name)) packages.add(each);
  }
  return [...packages];
}

/** Third-party packages come from the checkout, so that the test needs no registry. */
async function linkDependencies(folder: string, source: string): Promise<void> {
  const packageNames = new Set(allPackages.map(({ name }) => name));
  const manifest = join(repository, source, "package.json");
  for (const name of await dependenciesOf(source))
    if (!packageNames.has(name)) await linkPackage(folder, name, manifest);
}

async function dependenciesOf(source: string): Promise<string[]> {
  const manifest = await readFile(join(repository, source, "package.json"), "utf8");
  const { dependencies = {} } = JSON.parse(manifest) as { dependencies?: Record<string, string> };
  return Object.keys(dependencies);
}

/** @param from a file from which the package is resolved. */
export async function linkPackage(
  folder: string,
  name: string,
  from = join(repository, "package.json"),
): Promise<void> {
  // Not by its exports, because one of them exports no main file.
  const paths = createRequire(from).resolve.paths(name) ?? [];
  const found = paths.map((path) => join(path, name)).find(existsSync) ?? "";
  const link = join(folder, "node_modules", name);
  if (existsSync(link)) return;
  await mkdir(dirname(link), { recursive: true });
  await symlink(found, link);
}
