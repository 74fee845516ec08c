/**
 * Copies a data folder while a server runs on it, and makes a data folder from a copy. The copy has the database and
 * the artefacts. The server makes everything else from them again. The master key is copied only on request, because
 * copy and key together open all variables and tokens.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, cp, lchown, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { backup as copyDatabase } from "node:sqlite";
import { serviceUsers } from "@offhook/runtime/internal/isolate-user";
import { OffhookError } from "@offhook/runtime/offhook-error";
import type { User } from "../builds/task-runner.ts";
import { MasterKey } from "../secrets/sealing.ts";
import { Clock } from "../store/clock.ts";
import { openSqlite } from "../store/sqlite.ts";
import { openStore } from "../store/store.ts";
import { readMasterKey, writeMasterKey } from "./data-folder.ts";
import { checkMasterKey } from "./first-start.ts";
import { databaseIn } from "./office.ts";

export interface BackupOptions {
  readonly dataFolder: string;
  readonly masterKeyFile: string | undefined;
  /** Does not exist yet. */
  readonly target: string;
  readonly withKey: boolean;
}

/**
 * @returns the absolute path of the copy.
 * @throws OffhookError `data-folder-empty`, `file-exists`. A failed backup leaves nothing at the target.
 */
export async function writeBackup({ dataFolder, masterKeyFile, target, withKey }: BackupOptions): Promise<string> {
  const source = resolve(dataFolder);
  const folder = resolve(target);
  if (existsSync(folder)) throw new OffhookError("file-exists", folder);
  return await makeFolder(folder, 0o700, async (aside) => {
    const database = openSqlite(databaseIn(source));
    try {
      await copyDatabase(database, join(aside, "offhook.db"));
    } finally {
      database.close();
    }
    // After the database: an artefact is stored before a row names it, and never changes.
    await copyArtefacts(source, aside);
    if (withKey) await writeMasterKey(join(aside, "master.key"), await readMasterKey(source, masterKeyFile));
  });
}

export interface RestoreOptions {
  /** Folder of a backup. */
  readonly source: string;
  /** Missing or empty. */
  readonly dataFolder: string;
  /** Required if the backup has no key. */
  readonly masterKeyFile: string | undefined;
}

/** @throws OffhookError `data-folder-unusable` if the folder is not empty, `data-folder-empty`, `master-key-unusable`. */
export async function restoreBackup({ source, dataFolder, masterKeyFile }: RestoreOptions): Promise<void> {
  const folder = resolve(dataFolder);
  const database = databaseIn(resolve(source));
  const present = await readdir(folder).catch(() => []);
  if (present.length > 0) throw new OffhookError("data-folder-unusable", `${folder} is not empty.`);
  const hasKey = existsSync(join(source, "master.key"));
  const key = await readMasterKey(resolve(source), hasKey ? undefined : masterKeyFile);
  await makeFolder(folder, 0o711, async (aside) => {
    await cp(database, join(aside, "offhook.db"));
    await chmod(join(aside, "offhook.db"), 0o600);
    await copyArtefacts(source, aside);
    await renewIdentity(join(aside, "offhook.db"), new MasterKey(key));
    await giveTo(serviceUsers()?.service, aside);
    // After that: only the user that starts the server reads the key.
    if (hasKey) await writeMasterKey(join(aside, "master.key"), key);
    await rm(folder, { recursive: true, force: true });
  });
}

/** Makes the folder under another name, so that nobody sees it half-done. */
async function makeFolder(folder: string, mode: number, fill: (aside: string) => Promise<void>): Promise<string> {
  const aside = `${folder}.partial-${randomBytes(4).toString("hex")}`;
  try {
    await mkdir(aside, { recursive: true, mode });
    await fill(aside);
    await rename(aside, folder);
    return folder;
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    throw error;
  }
}

async function copyArtefacts(source: string, target: string): Promise<void> {
  const artefacts = join(source, "artefacts");
  if (existsSync(artefacts)) await cp(artefacts, join(target, "artefacts"), { recursive: true });
}

/** The control process of a server that root starts has a user of its own. */
async function giveTo(user: User | undefined, folder: string): Promise<void> {
  if (user === undefined) return;
  for (const name of ["", ...(await readdir(folder, { recursive: true })).toSorted()])
    await lchown(join(folder, name), user.uid, user.gid);
}

/** Nothing should take the restored database for the one before. */
async function renewIdentity(file: string, masterKey: MasterKey): Promise<void> {
  const store = await openStore(file);
  try {
    await checkMasterKey({ store, clock: new Clock(), masterKey });
    await store
      .updateTable("revision")
      .set((row) => ({ identity: randomUUID(), n: row("n", "+", 1) }))
      .execute();
  } finally {
    await store.destroy();
  }
}
