/**
 * The scratch folders. Each isolate has its own, which is its home and is removed with it. Services share the base
 * folder.
 *
 * The base folder belongs to the server, and no isolate can write to it or list it. So only the server can replace an
 * isolate's folder. If the server is killed, the reaper has one folder to remove.
 */
import { chmodSync, chownSync, existsSync, mkdtempSync } from "node:fs";
import { chmod, lstat, opendir, rename, rmdir, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { mayEnter, type IsolateUser } from "./isolate-user.ts";
import type { Reaper } from "./reaper.ts";

export class ScratchFolders {
  readonly #reaper: Reaper;
  /** Whether this process is root and isolates have other users. Those users may enter the base folder. */
  #isRoot = false;
  #base: string | undefined;
  readonly #removals = new Set<Promise<void>>();
  #moved = 0;

  constructor(reaper: Reaper) {
    this.#reaper = reaper;
  }

  /**
   * @param user of the isolate. Undefined for the user of this process.
   * @throws if the folder for temporary files is missing, full or not writable.
   */
  make(user: IsolateUser | undefined): string {
    let folder: string;
    try {
      folder = mkdtempSync(join(this.#makeBase(user), "isolate-"));
    } catch {
      // Programs that clean up temporary files may have removed the base.
      this.#forgetBase();
      folder = mkdtempSync(join(this.#makeBase(user), "isolate-"));
    }
    if (user !== undefined) {
      chownSync(folder, user.uid, user.gid);
      this.#isRoot = true;
    }
    return folder;
  }

  #makeBase(user: IsolateUser | undefined): string {
    if (this.#base !== undefined) {
      if (user !== undefined && !this.#isRoot) chmodSync(this.#base, 0o711);
      return this.#base;
    }
    const base = mkdtempSync(join(parentFor(user), "offhook-scratch-"));
    // The isolates' user may enter it, but not list it.
    if (user !== undefined) chmodSync(base, 0o711);
    this.#base = base;
    this.#reaper.watchFolder(base);
    return base;
  }

  #forgetBase(): void {
    if (this.#base !== undefined) this.#reaper.forgetFolder(this.#base);
    this.#base = undefined;
  }

  /** Removes an isolate's folder in the background. Call this when nothing of the isolate runs any more. */
  remove(folder: string): void {
    const removal = this.#removeTree(folder)
      // A folder that cannot be removed is left to the system's cleaning of temporary files.
      .catch(() => undefined)
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }

  /** Resolves when everything is removed. */
  async close(): Promise<void> {
    await Promise.all(this.#removals);
    // If something is left, the reaper tries again when it ends.
    if (this.#base !== undefined && (await isRemoved(this.#base))) this.#forgetBase();
  }

  /**
   * A process of the isolate's user may have escaped and may still change the folder, while this process may be root.
   * That process can redirect a path through its folders between two calls. So each inner folder is first moved into
   * the base, where only this process can change its name, and then read.
   */
  async #removeTree(folder: string): Promise<void> {
    const base = dirname(folder);
    const folders = [folder];
    for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
      if (!(await lstat(next)).isDirectory()) {
        await unlink(next);
        continue;
      }
      if (await isRemoved(next)) continue;
      await chmod(next, 0o700);
      for await (const { name } of await opendir(next)) {
        const path = join(next, name);
        if (await isUnlinked(path)) continue;
        const moved = join(base, `removed-${this.#moved++}`);
        await rename(path, moved).catch(async (error: unknown) => {
          // Only root can move a read-only folder. As root, do not change the mode: the path may lead elsewhere.
          if (this.#isRoot) throw error;
          await chmod(path, 0o700);
          await rename(path, moved);
        });
        folders.push(moved);
      }
      await rmdir(next);
    }
  }
}

/** The folder for temporary files. `/tmp` if the isolates' user may not enter that. */
function parentFor(user: IsolateUser | undefined): string {
  const folder = tmpdir();
  const isHidden = user !== undefined && existsSync(folder) && !mayEnter(user, folder);
  return isHidden ? "/tmp" : folder;
}

/** Removes an empty folder with one call. Most are empty. */
async function isRemoved(folder: string): Promise<boolean> {
  return rmdir(folder).then(
    () => true,
    () => false,
  );
}

/** Removes a file. @returns false for a folder. */
async function isUnlinked(path: string): Promise<boolean> {
  return unlink(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EISDIR" || error.code === "EPERM") return false;
      throw error;
    },
  );
}
