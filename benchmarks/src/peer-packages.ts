/**
 * The peers and their versions. They are not the repository's dependencies: together they weigh hundreds of
 * megabytes, which nobody should pay for who only wants to run or change Offhook.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const benchmarksFolder = fileURLToPath(new URL("..", import.meta.url));
export const repositoryFolder = fileURLToPath(new URL("../..", import.meta.url));
const modulesFolder = join(benchmarksFolder, "node_modules");

/** A file of an installed package, `fastify/package.json`. */
export function peerFile(path: string): string {
  return join(modulesFolder, path);
}

/** All, in the versions of `package.json`. */
export function arePeersInstalled(): boolean {
  const { dependencies } = manifestIn(benchmarksFolder) as { dependencies: Record<string, string> };
  return Object.entries(dependencies).every(([name, version]) => installedVersion(modulesFolder, name) === version);
}

/** @throws when npm does. */
export function installPeers(): void {
  if (arePeersInstalled()) return;
  process.stderr.write("Installing the peers into benchmarks/node_modules (once, about 350 MB) ...\n");
  const args = ["ci", "--prefix", benchmarksFolder, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  // In that folder: npm takes a surrounding workspace's root for what is meant otherwise.
  const { status, error } = spawnSync("npm", args, { cwd: benchmarksFolder, stdio: ["ignore", 2, 2] });
  if (status !== 0) throw new Error(`npm ${args.join(" ")} did not work: ${error?.message ?? `exit code ${status}`}`);
}

/** Of a peer, or of a package at the repository's root. */
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
