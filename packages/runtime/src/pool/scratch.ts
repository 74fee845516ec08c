/**
 * Folders of isolates: each isolate has one of its own, which is its home and ends with it. Services share the place.
 *
 * They lie in one folder of the server's, which no isolate can write to or list. So nobody but the server can replace an
 * isolate's folder by something else, and when the server is killed, the reaper has one folder to remove.
 */
import { chmodSync, chownSync, existsSync, mkdtempSync } from "node:fs";
import { chmod, lstat, opendir, rename, rmdir, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { mayEnter, type IsolateUser } from "./isolate-user.ts";
import type { Reaper } from "./reaper.ts";

export class ScratchFolders {
  readonly #reaper: Reaper;
  /** Some isolates have another user than this process, which is root then. They may pass through the base. */
  #isRoot = false;
  #base: string | undefined;
  readonly #removals = new Set<Promise<void>>();
  #moved = 0;

  constructor(reaper: Reaper) {
    this.#reaper = reaper;
  }

  /**
   * @param user of the isolate; undefined for this process's.
   * @throws where the folder of temporary files is missing, full or cannot be written.
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
    // The isolates' user passes through it, and sees nothing of it.
    if (user !== undefined) chmodSync(base, 0o711);
    this.#base = base;
    this.#reaper.watchFolder(base);
    return base;
  }

  #forgetBase(): void {
    if (this.#base !== undefined) this.#reaper.forgetFolder(this.#base);
    this.#base = undefined;
  }

  /** Removes an isolate's folder, in the background, when nothing of the isolate runs any more. */
  remove(folder: string): void {
    const removal = this.#removeTree(folder)
      // What cannot be removed is left to whatever cleans the folder of temporary files.
      .catch(() => undefined)
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }

  /** Resolves when everything is removed. */
  async close(): Promise<void> {
    await Promise.all(this.#removals);
    // Where something is left, the reaper tries again when it ends.
    if (this.#base !== undefined && (await isRemoved(this.#base))) this.#forgetBase();
  }

  /**
   * A process of the isolate's user may have escaped and may still change what is in the folder, while this process may be root.
   * A path with folders of that user in it can be made to lead elsewhere between two calls. So each folder inside is first
   * moved into the base, where nobody else can touch its name, and then looked at.
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
          // Only root can move a folder that may not be written. As root, the mode of what this leads to must not be touched.
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

/** The folder of temporary files, or the shared one where that is in a folder which the isolates' user may not enter. */
function parentFor(user: IsolateUser | undefined): string {
  const folder = tmpdir();
  const isHidden = user !== undefined && existsSync(folder) && !mayEnter(user, folder);
  return isHidden ? "/tmp" : folder;
}

/** An empty folder, as most are: one call. */
async function isRemoved(folder: string): Promise<boolean> {
  return rmdir(folder).then(
    () => true,
    () => false,
  );
}

/** False for a folder. */
async function isUnlinked(path: string): Promise<boolean> {
  return unlink(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EISDIR" || error.code === "EPERM") return false;
      throw error;
    },
  );
}
