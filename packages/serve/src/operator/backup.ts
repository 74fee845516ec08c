/**
 * Copies a data folder while a server runs on it, and makes a data folder from a copy. The copy has the database and
 * the artefacts. The server makes everything else from them again. The master key is copied only on request: copy and
 * key together open all variables and tokens.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { chmod, cp, mkdir, readdir, rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { backup as copyDatabase } from "node:sqlite";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { MasterKey } from "../secrets/sealing.ts";
import { openSqlite } from "../store/sqlite.ts";
import { openStore } from "../store/store.ts";
import { dataFolderAt, exists, openDataFolder, unusable } from "./data-folder.ts";
import { masterKeyPath, readMasterKey, requireKeyOf, writeMasterKey } from "./master-key-file.ts";

export interface BackupOptions {
  readonly dataFolder: string;
  /** Does not exist yet. */
  readonly target: string;
  readonly withKey: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** @throws OffhookError `data-folder-unusable`, `file-exists`. A failed backup leaves nothing at the target. */
export async function writeBackup({ dataFolder, target, withKey, environment }: BackupOptions): Promise<string> {
  const data = await openDataFolder(dataFolder);
  const folder = resolve(target);
  if (await exists(folder)) throw new OffhookError("file-exists", folder);
  const aside = `${folder}.partial-${randomBytes(4).toString("hex")}`;
  await mkdir(aside, { recursive: true, mode: 0o700 });
  const copy = dataFolderAt(aside);
  try {
    const database = openSqlite(data.database);
    try {
      await copyDatabase(database, copy.database);
    } finally {
      database.close();
    }
    // After the database: an artefact is stored before a row names it, and never changes.
    if (await exists(data.artefacts)) await cp(data.artefacts, copy.artefacts, { recursive: true });
    if (withKey) await writeMasterKey(copy.masterKey, await readMasterKey(masterKeyPath(data, environment)));
    await rename(aside, folder);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

export interface RestoreOptions {
  readonly source: string;
  /** Missing or empty. */
  readonly dataFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * The key is the one in the copy, else that of `OFFHOOK_MASTER_KEY_FILE`.
 * @throws OffhookError `data-folder-unusable` if the folder is not empty, `master-key-unusable`.
 */
export async function restoreBackup({ source, dataFolder, environment }: RestoreOptions): Promise<void> {
  const copy = await openDataFolder(source);
  const target = dataFolderAt(dataFolder);
  const present = await readdir(target.folder).catch(() => []);
  if (present.length > 0) throw unusable(target.folder, "it is not empty");
  const hasKey = await exists(copy.masterKey);
  const key = await readMasterKey(hasKey ? copy.masterKey : masterKeyPath(target, environment));
  const aside = dataFolderAt(`${target.folder}.partial-${randomBytes(4).toString("hex")}`);
  await mkdir(aside.folder, { recursive: true, mode: 0o711 });
  try {
    await cp(copy.database, aside.database);
    await chmod(aside.database, 0o600);
    if (await exists(copy.artefacts)) await cp(copy.artefacts, aside.artefacts, { recursive: true });
    await checkCopy(aside.database, new MasterKey(key));
    if (hasKey) await writeMasterKey(aside.masterKey, key);
    await rm(target.folder, { recursive: true, force: true });
    await rename(aside.folder, target.folder);
  } catch (error) {
    await rm(aside.folder, { recursive: true, force: true });
    throw error;
  }
}

/** The restored database gets an identity of its own, so that nothing takes it for the one before. */
async function checkCopy(file: string, key: MasterKey): Promise<void> {
  const store = await openStore(file);
  try {
    const account = await store.selectFrom("account").select("auth_token").executeTakeFirst();
    if (account !== undefined) requireKeyOf(account.auth_token, key);
    await store
      .updateTable("revision")
      .set((row) => ({ identity: randomUUID(), n: row("n", "+", 1) }))
      .execute();
  } finally {
    await store.destroy();
  }
}
