/**
 * The peers and their versions. They are not dependencies of the repository: they take hundreds of megabytes, which
 * people who only run or change Offhook do not need.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const benchmarksFolder = fileURLToPath(new URL("..", import.meta.url));
export const repositoryFolder = fileURLToPath(new URL("../..", import.meta.url));
const modulesFolder = join(benchmarksFolder, "node_modules");

/** A file of an installed package, such as `fastify/package.json`. */
export function peerFile(path: string): string {
  return join(modulesFolder, path);
}

/** Installs all peers, in the versions of `package.json`. */
export function arePeersInstalled(): boolean {
  const { dependencies } = manifestIn(benchmarksFolder) as { dependencies: Record<string, string> };
  return Object.entries(dependencies).every(([name, version]) => installedVersion(modulesFolder, name) === version);
}

/** @throws if npm fails. */
export function installPeers(): void {
  if (arePeersInstalled()) return;
  process.stderr.write("Installing the peers into benchmarks/node_modules (once, about 350 MB) ...\n");
  const args = ["ci", "--prefix", benchmarksFolder, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  // Runs in that folder. npm would otherwise install into the root of the workspace around it.
  const { status, error } = spawnSync("npm", args, { cwd: benchmarksFolder, stdio: ["ignore", 2, 2] });
  if (status !== 0) throw new Error(`npm ${args.join(" ")} failed: ${error?.message ?? `exit code ${status}`}`);
}

/** The version of a peer, or of a package at the repository's root. */
export function versionOf(packageName: string): string | undefined {
  return (
    installedVersion(modulesFolder, packageName) ??
    installedVersion(join(repositoryFolder, "node_modules"), packageName)
  );
}

function installedVersion(modules: string, packageName: string): string | undefined {
  const folder = join(modules, packageName);
  return existsSync(folder) ? (manifestIn(folder) as { version: string }).version : undefined;
}

function manifestIn(folder: string): unknown {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}
