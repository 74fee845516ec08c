/**
 * Lists the files below a folder. It follows symbolic links that stay inside this folder, or inside other given
 * folders.
 */
import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";

import { OffhookError } from "../offhook-error.ts";

interface FoundFile {
  /** Relative to the root, with forward slashes on every system. */
  readonly relative: string;
  /** Absolute, below the root. */
  readonly file: string;
  /** Absolute, links resolved. */
  readonly real: string;
}

/** An entry that was skipped. `reason` completes a sentence that begins with the file. */
interface Skipped {
  readonly relative: string;
  readonly reason: string;
}

export interface Walked {
  /** Sorted by `relative`, by code unit: the order is the same on every machine. */
  readonly files: readonly FoundFile[];
  readonly skipped: readonly Skipped[];
}

/** Decides by an entry's own name: true to take it, false to skip it silently, or the reason to skip it. */
type FileFilter = (name: string) => true | false | string;

export interface WalkOptions {
  readonly filter: FileFilter;
  /** A folder below the root that is not part of this walk. It is skipped. */
  readonly except?: string | undefined;
  /** Folders in which links may end, besides the root. Absolute, links resolved. */
  readonly linkFolders?: readonly string[];
  /** A folder in which no link may end, inside or outside the root. */
  readonly closed?: string | undefined;
}

/**
 * @param root absolute, links resolved.
 * @throws OffhookError `file-unreadable` for a folder that cannot be listed.
 */
export async function walk(root: string, options: WalkOptions): Promise<Walked> {
  const { filter, except } = options;
  const files: FoundFile[] = [];
  const skipped: Skipped[] = [];

  /**
   * `real`: the folder with links resolved. `within`: the real folders above it. `isLinked`: it was reached by a link.
   */
  async function visit(real: string, prefix: string, within: readonly string[], isLinked: boolean): Promise<void> {
    const entries = await list(real);
    // All at once: libuv's thread pool limits the number of open folders, and the result is sorted below.
    await Promise.all(
      entries.map(async (entry) => {
        const verdict = filter(entry.name);
        const relative = prefix + entry.name;
        const target = join(real, entry.name);
        if (verdict !== true) {
          if (verdict !== false) skipped.push({ relative, reason: verdict });
        } else if (entry.isFile()) {
          // No stat, no realpath: thousands of functions cost one listing per folder.
          files.push({ relative, file: isLinked ? join(root, relative) : target, real: target });
        } else if (entry.isDirectory()) {
          if (target !== except) await visit(target, `${relative}/`, [...within, target], isLinked);
        } else if (entry.isSymbolicLink()) {
          await follow(target, relative, within, isLinked);
        }
      }),
    );
  }

  async function follow(link: string, relative: string, within: readonly string[], isLinked: boolean): Promise<void> {
    const skip = (reason: string): void => void skipped.push({ relative, reason });
    let real: string;
    try {
      real = await realpath(link);
    } catch {
      return skip("is a symbolic link whose target does not exist");
    }
    const refusal = refuseTarget(real, root, options);
    if (refusal === false) return undefined;
    if (refusal !== true) return skip(refusal);
    const target = await stat(real);
    if (target.isFile()) {
      files.push({ relative, file: join(root, relative), real });
    } else if (target.isDirectory()) {
      // Two folders that link to each other have endlessly many paths, and a dozen that all link to each
      // other have millions. Therefore, a link below a link is not followed either.
      if (within.some((folder) => isAtOrIn(folder, real)))
        return skip("is a symbolic link to a folder that contains it");
      if (isLinked) return skip("is a symbolic link to a folder, below another such link");
      await visit(real, `${relative}/`, [...within, real], true);
    }
  }

  await visit(root, "", [root], false);
  return { files: files.toSorted(byRelative), skipped: skipped.toSorted(byRelative) };
}

/** An entry that its name excludes is also excluded under a link's name. @returns the same as a filter. */
function refuseTarget(real: string, root: string, { filter, except, linkFolders = [], closed }: WalkOptions) {
  if (closed !== undefined && isAtOrIn(real, closed)) return "is a symbolic link into the folder of the functions";
  if (except !== undefined && isAtOrIn(real, except)) return false;
  if (isAtOrIn(real, root)) return true;
  const base = linkFolders.find((folder) => isAtOrIn(real, folder));
  if (base === undefined) return "is a symbolic link that leads out of its folder";
  const names = real.slice(base.length).split(sep).slice(1);
  if (names.some((name) => name.startsWith("."))) return "is a symbolic link to a hidden file or folder";
  const refused = names.find((name) => filter(name) !== true);
  return refused === undefined ? true : `is a symbolic link into ${refused}`;
}

function isAtOrIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep);
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
