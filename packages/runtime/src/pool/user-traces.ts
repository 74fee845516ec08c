/**
 * Finds the users that have traces on this machine: a process, or a file where programs leave files. A number may go to
 * another service only when nothing is left of the last one.
 */
import { lstatSync, readdirSync, readFileSync, type Stats } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Folders that everybody may write to, on most systems. The scratch folders are in the folder for temporary files. */
const sharedFolders = ["/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock"];
const isolateFolders = /^offhook-scratch-/;
/** How deep to search in folders that everybody may write to. */
const maxDepth = 4;
/** Number of lookups in one turn of the event loop. They need some milliseconds. */
const lookupsPerTurn = 200;

/**
 * @param uids the users to look for.
 * @throws if this process has no descriptors or memory left for the search.
 */
export async function usersWithTraces(
  uids: ReadonlySet<number>,
  folders: readonly string[] = [...sharedFolders, tmpdir()],
): Promise<ReadonlySet<number>> {
  const search = new TraceSearch(uids);
  await search.searchProcesses();
  for (const folder of new Set(folders)) await search.searchFolder(folder, maxDepth);
  return search.found;
}

class TraceSearch {
  readonly found = new Set<number>();
  readonly #uids: ReadonlySet<number>;
  #lookups = 0;

  constructor(uids: ReadonlySet<number>) {
    this.#uids = uids;
  }

  async searchProcesses(): Promise<void> {
    for (const name of namesIn("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      // Not the owner of the folder in `/proc`: that is root if the process has changed its user.
      for (const uid of usersOf(name)) this.#note(uid);
      await this.#yieldToEventLoop();
    }
  }

  async searchFolder(folder: string, depth: number): Promise<void> {
    for (const name of namesIn(folder)) {
      const path = join(folder, name);
      const stats = statsOf(path);
      await this.#yieldToEventLoop();
      if (stats === undefined) continue;
      this.#note(stats.uid);
      this.#note(stats.gid);
      const isOpen = (stats.mode & 0o002) !== 0 || isolateFolders.test(name);
      if (stats.isDirectory() && isOpen && depth > 0) await this.searchFolder(path, depth - 1);
    }
  }

  #note(uid: number): void {
    if (this.#uids.has(uid)) this.found.add(uid);
  }

  /** Gives requests a turn. */
  async #yieldToEventLoop(): Promise<void> {
    if (++this.#lookups % lookupsPerTurn === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** The real, effective, saved and file system ids of users and groups. */
function usersOf(pid: string): number[] {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return [...status.matchAll(/^[UG]id:\s(.*)$/gm)].flatMap(([, ids = ""]) => ids.split("\t").map(Number));
  } catch (error) {
    assertReported(error);
    return [];
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    assertReported(error);
    return [];
  }
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/**
 * Throws if the answer is unknown for lack of resources. After other errors, the process or folder is gone and has no
 * traces.
 */
function assertReported(error: unknown): void {
  if (["EMFILE", "ENFILE", "ENOMEM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
}
