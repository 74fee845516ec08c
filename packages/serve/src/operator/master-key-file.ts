/** The file of the master key. `OFFHOOK_MASTER_KEY_FILE` names another place for it, such as a systemd credential. */
import { open, readFile, rename, rm } from "node:fs/promises";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { MasterKey } from "../secrets/sealing.ts";
import { exists, type DataFolder } from "./data-folder.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export function masterKeyPath({ masterKey }: DataFolder, environment: Environment): string {
  return environment["OFFHOOK_MASTER_KEY_FILE"] || masterKey;
}

/**
 * @returns the key's 32 bytes.
 * @throws OffhookError `master-key-unusable` if the file is missing or is not a key. The message never has its content.
 */
export async function readMasterKey(path: string): Promise<Buffer> {
  let content: Buffer;
  try {
    content = await readFile(path);
  } catch (error) {
    throw keyUnusable(path, (error as NodeJS.ErrnoException).code === "ENOENT" ? "does not exist" : "cannot be read");
  }
  const text = content.toString("latin1").trim();
  const key = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, "hex") : content;
  if (key.length === 32) return key;
  throw keyUnusable(path, "is not a key: it needs 32 bytes or 64 hex digits");
}

/**
 * Reads the key. Makes one on the first start, when nothing is sealed yet.
 * @throws OffhookError `master-key-unusable` if there is a database and no key.
 */
export async function provideMasterKey(data: DataFolder, environment: Environment): Promise<Buffer> {
  const path = masterKeyPath(data, environment);
  const isNew = path === data.masterKey && !(await exists(path)) && !(await exists(data.database));
  if (isNew) await writeMasterKey(path, MasterKey.generate());
  return await readMasterKey(path);
}

/** Writes aside and renames, so that the file is always whole. */
export async function writeMasterKey(path: string, key: Uint8Array): Promise<void> {
  const aside = `${path}.partial`;
  await rm(aside, { force: true });
  const file = await open(aside, "wx", 0o400);
  try {
    await file.writeFile(`${Buffer.from(key).toString("hex")}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(aside, path);
}

/** @throws OffhookError `master-key-unusable` if another key sealed the value. */
export function requireKeyOf(sealed: string, key: MasterKey): void {
  const [id] = sealed.split(".", 1);
  if (id === key.id) return;
  throw new OffhookError(
    "master-key-unusable",
    `the database was sealed with the key ${id}, but this one is ${key.id}`,
  );
}

function keyUnusable(path: string, reason: string): OffhookError {
  return new OffhookError("master-key-unusable", `${path} ${reason}`);
}
