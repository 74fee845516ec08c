/**
 * Which users have something on this machine: a process, or a file where programs leave files. A number may be given to another
 * service only when nothing is left of the last one.
 */
import { lstatSync, readdirSync, readFileSync, type Stats } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where everybody may write, on most systems. Isolates' own folders lie in the folder of temporary files. */
const sharedFolders = ["/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock"];
const isolateFolders = /^offhook-scratch-/;
/** How deep to look in folders that everybody may write to. */
const maxDepth = 4;
/** Looks that are made in one turn of the loop: some milliseconds. */
const lookupsPerTurn = 200;

/**
 * @param uids to look for.
 * @throws where this process has no descriptors or memory left to look.
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
      // Not the owner of the folder: that is root where a process has changed its user.
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

  /** Lets requests have their turn. */
  async #yieldToEventLoop(): Promise<void> {
    if (++this.#lookups % lookupsPerTurn === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** Real, effective, saved, and of files; and the same of groups. */
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

/** A process or folder that is gone has no traces. Without descriptors there is no answer. */
function assertReported(error: unknown): void {
  if (["EMFILE", "ENFILE", "ENOMEM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
}
