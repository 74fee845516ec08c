/** Installed packages: one set for each lock and platform, read-only, shared by the builds that need it. */
import { createHash, randomBytes } from "node:crypto";
import { chmod, lstat, mkdir, readdir, readlink, realpath, rename } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { removeTree } from "../artefacts/remove-tree.ts";

export interface LockFacts {
  /** The text of the `package-lock.json`. */
  readonly lock: string;
  readonly runtime: string;
  /** Whether credentials of a private registry may have been used. Such a set belongs to one account. */
  readonly isPrivate: boolean;
  readonly accountSid: string;
}

/** Packages with native parts differ between platforms, so each platform has its own sets. */
export function lockHashOf({ lock, runtime, isPrivate, accountSid }: LockFacts): string {
  const facts = [lock, runtime, process.platform, process.arch, libc(), isPrivate ? accountSid : ""];
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex");
}

function libc(): string {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime === undefined ? "other" : "glibc";
}

/**
 * Checks what was installed, makes it read-only, and moves it to its place.
 * @param installed the folder with `node_modules`.
 * @param sets the folder of all sets, on the same file system.
 * @returns the name of the set's folder, and its size in bytes.
 * @throws Error if a link leads out of the packages.
 */
export async function publishSet(installed: string, sets: string): Promise<{ folder: string; bytes: number }> {
  const modules = join(installed, "node_modules");
  await mkdir(modules, { recursive: true });
  const root = await realpath(modules);
  const bytes = await protectTree(root, root);
  await mkdir(sets, { recursive: true, mode: 0o711 });
  const folder = randomBytes(16).toString("hex");
  const place = join(sets, folder);
  const aside = `${installed}-set`;
  await mkdir(aside, { mode: 0o755 });
  try {
    await rename(modules, join(aside, "node_modules"));
    await chmod(join(aside, "node_modules"), 0o555);
    await rename(aside, place);
  } finally {
    await removeTree(aside);
  }
  return { folder, bytes };
}

/** The folder itself stays writable, since it is still to be moved. */
async function protectTree(folder: string, root: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isSymbolicLink()) {
      await refuseOutside(path, root);
    } else if (entry.isDirectory()) {
      bytes += await protectTree(path, root);
      await chmod(path, 0o555);
    } else if (entry.isFile()) {
      const { size, mode } = await lstat(path);
      bytes += size;
      await chmod(path, (mode & 0o100) === 0 ? 0o444 : 0o555);
    } else {
      throw new Error(`The package at ${relative(root, path)} is neither a file nor a folder.`);
    }
  }
  return bytes;
}

/** A link that leads nowhere is judged by its text. */
async function refuseOutside(path: string, root: string): Promise<void> {
  const target = resolve(dirname(path), await readlink(path));
  const leadsTo = await realpath(path).catch(() => target);
  if (leadsTo.startsWith(root + sep)) return;
  throw new Error(`The link ${relative(root, path)} leads out of the packages.`);
}
