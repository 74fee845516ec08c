/**
 * The files below a folder, symbolic links followed as far as they stay inside it.
 */
import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";

import { OffhookError } from "../offhook-error.ts";

export interface FoundFile {
  /** Relative to the root, with forward slashes on every system. */
  readonly relative: string;
  /** Absolute. */
  readonly file: string;
  /** Absolute, links resolved. */
  readonly real: string;
}

/** Something that was passed over; `reason` completes a sentence that begins with the file. */
export interface Skipped {
  readonly relative: string;
  readonly reason: string;
}

export interface Walked {
  /** In order of `relative`, by code unit: the same on every machine. */
  readonly files: readonly FoundFile[];
  readonly skipped: readonly Skipped[];
}

/** Says of an entry's own name: take it, pass it over in silence, or pass it over and say why. */
export type Sieve = (name: string) => true | false | string;

/**
 * @param root absolute, links resolved.
 * @param except a folder below root that is somebody else's: it is passed over.
 * @throws OffhookError `file-unreadable` for a folder that cannot be listed.
 */
export async function walk(root: string, sieve: Sieve, except?: string): Promise<Walked> {
  const files: FoundFile[] = [];
  const skipped: Skipped[] = [];

  /** `within`: the real folders on the way here. `isLinked`: one of them was reached by a link. */
  async function visit(folder: string, prefix: string, within: readonly string[], isLinked: boolean): Promise<void> {
    const entries = await list(folder);
    // All at once: the thread pool of libuv bounds what is open, and the result is sorted below.
    await Promise.all(
      entries.map(async (entry) => {
        const verdict = sieve(entry.name);
        const relative = prefix + entry.name;
        const file = join(folder, entry.name);
        if (verdict !== true) {
          if (verdict !== false) skipped.push({ relative, reason: verdict });
        } else if (entry.isFile()) {
          // No stat, no realpath: thousands of functions cost one listing per folder.
          files.push({ relative, file, real: file });
        } else if (entry.isDirectory()) {
          if (file !== except) await visit(file, `${relative}/`, [...within, file], isLinked);
        } else if (entry.isSymbolicLink()) {
          await follow(file, relative, within, isLinked);
        }
      }),
    );
  }

  async function follow(file: string, relative: string, within: readonly string[], isLinked: boolean): Promise<void> {
    const skip = (reason: string): void => void skipped.push({ relative, reason });
    let real: string;
    try {
      real = await realpath(file);
    } catch {
      return skip("is a symbolic link that leads nowhere");
    }
    if (real !== root && !real.startsWith(root + sep)) {
      return skip("is a symbolic link that leads out of its folder");
    }
    if (except !== undefined && (real === except || real.startsWith(except + sep))) return;
    const target = await stat(real);
    if (target.isFile()) {
      files.push({ relative, file, real });
    } else if (target.isDirectory()) {
      // Two folders that link to each other have endlessly many paths, and a dozen that all link to each
      // other have millions: a link below a link is therefore not followed either.
      if (within.includes(real)) return skip("is a symbolic link to a folder that it is in");
      if (isLinked) return skip("is a symbolic link to a folder, below another such link");
      await visit(real, `${relative}/`, [...within, real], true);
    }
  }

  await visit(root, "", [root], false);
  return { files: files.toSorted(byRelative), skipped: skipped.toSorted(byRelative) };
}

async function list(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OffhookError("file-unreadable", `${folder} (${code})`, { cause: error });
  }
}

function byRelative(a: { relative: string }, b: { relative: string }): number {
  return a.relative < b.relative ? -1 : a.relative > b.relative ? 1 : 0;
}
