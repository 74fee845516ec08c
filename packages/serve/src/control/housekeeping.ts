/** Work that is done again and again: old log lines, and files that nothing needs any more. Safe to run twice. */
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { FolderStore } from "../artefacts/folder-store.ts";
import { removeTree } from "../artefacts/remove-tree.ts";
import type { ServeSettings } from "../link/serve-settings.ts";
import { removeExcessLogs, removeOldLogs } from "../logs/log-writer.ts";
import { reservationMs } from "../store/domain-names.ts";
import type { Store } from "../store/store.ts";

const intervalMs = 60 * 60_000;
const dayMs = 24 * 60 * 60_000;
/** Log lines of one environment. A function that prints a lot must not fill the disk. */
const maxLogLines = 1_000_000;

export interface HousekeepingOptions {
  readonly store: Store;
  readonly artefacts: FolderStore;
  readonly settings: ServeSettings;
  readonly onWarning: (message: string) => void;
}

/** Runs at once, and then every hour. @returns a function that ends it. */
export function startHousekeeping(options: HousekeepingOptions): () => Promise<void> {
  let running: Promise<void> | undefined;
  const run = (): void => {
    running ??= keepHouse(options)
      .catch((error: unknown) => options.onWarning(`Old data was not removed. ${(error as Error).message}`))
      .finally(() => (running = undefined));
  };
  run();
  const timer = setInterval(run, intervalMs).unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}

/** Does all of it once. */
export async function keepHouse({ store, artefacts, settings }: HousekeepingOptions): Promise<void> {
  await removeOldLogs(store, settings.logRetentionDays);
  await removeExcessLogs(store, maxLogLines);
  await store
    .deleteFrom("domain")
    .where("environment_sid", "is", null)
    .where("released_at", "<", Date.now() - reservationMs)
    .execute();
  await removeBuildFolders(store, settings.dataFolder);
  await removeSets(store, settings.dataFolder);
  await removeArtefacts(store, artefacts, settings.dataFolder);
}

/** Folders of builds that were deleted. Isolates of an old deployment may still read them, so they stay for a day. */
async function removeBuildFolders(store: Store, dataFolder: string): Promise<void> {
  const rows = await store.selectFrom("build").select("sid").execute();
  const known = new Set(rows.map(({ sid }) => sid));
  const folder = join(dataFolder, "builds");
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    if (!known.has(name.slice(0, 34)) && (await isOld(path))) await rm(path, { recursive: true, force: true });
  }
}

/** Sets that no build needs any more. */
async function removeSets(store: Store, dataFolder: string): Promise<void> {
  const unused = await store
    .selectFrom("dependency_set")
    .select("lock_hash")
    .where("last_used_at", "<", Date.now() - dayMs)
    .where("lock_hash", "not in", (build) =>
      build.selectFrom("build").select("lock_hash").where("lock_hash", "is not", null).$castTo<{ lock_hash: string }>(),
    )
    .execute();
  for (const { lock_hash } of unused) {
    await store.deleteFrom("dependency_set").where("lock_hash", "=", lock_hash).execute();
  }
  const rows = await store.selectFrom("dependency_set").select("folder").execute();
  const known = new Set(rows.map(({ folder }) => folder));
  const folder = join(dataFolder, "dependencies");
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    if (!known.has(name) && (await isOld(path))) await removeTree(path);
  }
}

/** Contents that no version and no set names any more. */
async function removeArtefacts(store: Store, artefacts: FolderStore, dataFolder: string): Promise<void> {
  const folder = join(dataFolder, "artefacts");
  for (const prefix of await namesIn(folder)) {
    for (const sha256 of await namesIn(join(folder, prefix))) {
      const version = await store
        .selectFrom("version")
        .select("sid")
        .where("content_sha256", "=", sha256)
        .executeTakeFirst();
      const lock = await store
        .selectFrom("dependency_set")
        .select("lock_hash")
        .where("lock_sha256", "=", sha256)
        .executeTakeFirst();
      if (version !== undefined || lock !== undefined) continue;
      // Asked last, because an upload may just have replaced the file. Its version is about to be inserted.
      if (await isOld(join(folder, prefix, sha256))) await artefacts.remove(sha256);
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}

/** By its last change of any kind. A new version may be about to name it. */
async function isOld(path: string): Promise<boolean> {
  return await stat(path).then(
    ({ ctimeMs }) => ctimeMs < Date.now() - dayMs,
    () => false,
  );
}
