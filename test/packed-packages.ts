/**
 * The packages as `npm publish` would send them, installed as by `npm install`.
 *
 * Packing rewrites a package's manifest for a moment. It therefore runs in a copy, because other tests use the
 * checkout.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { repository } from "./offhook-process.ts";

export const run = promisify(execFile);

export interface Package {
  readonly name: string;
  /** The folder in the repository. */
  readonly source: string;
}

const runtime: Package = { name: "@offhook/runtime", source: "packages/runtime" };
export const cli: Package = { name: "offhook", source: "packages/cli" };
export const helpers: Package = { name: "@offhook/helpers", source: "packages/helpers" };
export const dashboard: Package = { name: "@offhook/dashboard", source: "packages/dashboard" };
export const check: Package = { name: "@offhook/check", source: "packages/check" };
const phone: Package = { name: "@offhook/phone", source: "packages/phone" };
export const allPackages: readonly Package[] = [runtime, cli, helpers, dashboard, check, phone];

let checkoutCopy: Promise<string> | undefined;

/** A copy of all files that packing reads. `removeCopy` in `after()` removes it. */
async function copyCheckout(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "offhook-copy-")));
  for (const name of ["packages", "scripts", "tsconfig.base.json", "LICENSE"]) {
    const isWanted = (source: string): boolean => !["node_modules", "dist", "test"].includes(basename(source));
    await cp(join(repository, name), join(folder, name), { recursive: true, filter: isWanted });
  }
  // Third-party packages come from the checkout, ours from the copy.
  const installed = join(repository, "node_modules");
  await mkdir(join(folder, "node_modules/@offhook"), { recursive: true });
  for (const entry of await readdir(installed)) {
    if (entry === "@offhook" || entry === "offhook") continue;
    await symlink(join(installed, entry), join(folder, "node_modules", entry));
  }
  for (const { name, source } of allPackages) {
    await symlink(join(folder, source), join(folder, "node_modules", name));
    const nested = join(repository, source, "node_modules");
    if (existsSync(nested)) await symlink(nested, join(folder, source, "node_modules"));
  }
  return folder;
}

/** @returns the archive's path. Its name has the package's name and version. */
async function pack({ source }: Package, destination: string): Promise<string> {
  checkoutCopy ??= copyCheckout();
  const packed = await run("npm", ["pack", "--json", "--pack-destination", destination], {
    cwd: join(await checkoutCopy, source),
  });
  const [{ filename }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf("["))) as [{ filename: string }];
  return join(destination, filename);
}

/** Installs packed packages into `node_modules` of a folder. */
export async function unpackInto(folder: string, packages: readonly Package[]): Promise<void> {
  const archives = await mkdtemp(join(tmpdir(), "offhook-archives-"));
  for (const each of packages) {
    const archive = await pack(each, archives);
    const target = join(folder, "node_modules", each.name);
    await mkdir(target, { recursive: true });
    await run("tar", ["-xzf", archive, "-C", target, "--strip-components=1"]);
  }
  await rm(archives, { recursive: true });
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

/** Removes the copy of the checkout. For `after()` of each file that packs. */
export async function removeCopy(): Promise<void> {
  if (checkoutCopy !== undefined) await rm(await checkoutCopy, { recursive: true });
  checkoutCopy = undefined;
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
