/**
 * The packages as `npm publish` would send them, in `packed/` of the checkout. `offhook init` of a checkout writes
 * their paths into the project's `package.json`, and tests install them.
 *
 * Packing rewrites a package's manifest for a moment. It therefore runs in a copy, because tests and servers use the
 * checkout. Each state of the sources has its own folder: the lock file of an older project records the content of the
 * archives, so they must not change.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const repository = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

export interface Package {
  readonly name: string;
  /** The folder in the repository. */
  readonly source: string;
}

/** Each comes after the packages that it depends on, so that they can be published in this order. */
export const allPackages: readonly Package[] = [
  { name: "@offhook/helpers", source: "packages/helpers" },
  { name: "@offhook/runtime", source: "packages/runtime" },
  { name: "@offhook/phone", source: "packages/phone" },
  { name: "@offhook/check", source: "packages/check" },
  { name: "@offhook/dashboard", source: "packages/dashboard" },
  { name: "@offhook/serve", source: "packages/serve" },
  { name: "@offhook/client", source: "packages/client" },
  { name: "offhook", source: "packages/cli" },
];

/** Everything that packing reads, below the repository. */
const inputs = ["packages", "scripts/published-manifest.ts", "tsconfig.base.json", "LICENSE"];

/** Leaves out what is generated, and the packages' tests. Templates have a folder `test` that is published. */
function isInput(path: string): boolean {
  return !/^packages\/[^/]+\/(?:node_modules|dist|test)$/.test(path) && !path.endsWith(".original");
}

interface PackOptions {
  /** Called before packing, which takes many seconds. Not called if this state of the sources is already packed. */
  readonly onPack?: () => void;
}

/**
 * Packs all packages, unless this state of the sources is already packed.
 * @returns name → absolute path of the archive.
 */
export async function packedPackages({ onPack }: PackOptions = {}): Promise<ReadonlyMap<string, string>> {
  const folder = join(repository, "packed", await stateOfSources());
  if (!existsSync(folder)) {
    onPack?.();
    await packInto(folder);
  }
  const archives = new Map<string, string>();
  for (const { name, source } of allPackages) {
    const { version } = JSON.parse(await readFile(join(repository, source, "package.json"), "utf8")) as {
      version: string;
    };
    archives.set(name, join(folder, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`));
  }
  return archives;
}

/** A digest of everything that packing reads. */
async function stateOfSources(): Promise<string> {
  const files = inputs.flatMap((input) => filesIn(input)).toSorted();
  const hash = createHash("sha256");
  for (const file of [...files, "package-lock.json"]) {
    hash.update(`\0${file}\0`).update(await readFile(join(repository, file)));
  }
  return hash.digest("hex").slice(0, 10);
}

function filesIn(input: string): string[] {
  const entries = globSync([input, `${input}/**/*`], {
    cwd: repository,
    withFileTypes: true,
    exclude: (entry) => !isInput(relative(repository, join(entry.parentPath, entry.name))),
  });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(repository, join(entry.parentPath, entry.name)));
}

async function packInto(folder: string): Promise<void> {
  const copy = await copyCheckout();
  const finished = `${folder}.${process.pid}`;
  try {
    await mkdir(finished, { recursive: true });
    const sources = allPackages.map(({ source }) => `./${source}`);
    await promisify(execFile)("npm", ["pack", ...sources, "--pack-destination", finished], { cwd: copy });
    // Another process may have packed the same state meanwhile. Its archives are as good.
    await rename(finished, folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(copy, { recursive: true });
    await rm(finished, { recursive: true, force: true });
  }
}

async function copyCheckout(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "offhook-copy-")));
  for (const input of inputs) {
    const filter = (file: string): boolean => isInput(relative(repository, file));
    await cp(join(repository, input), join(folder, input), { recursive: true, filter });
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
