/** The database, the master key and the audit, opened for one command of an operator. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { MasterKey } from "../secrets/sealing.ts";
import { Clock } from "../store/clock.ts";
import { openStore } from "../store/store.ts";
import type { OperatorContext } from "./accounts.ts";
import { readMasterKey } from "./data-folder.ts";
import { checkMasterKey } from "./first-start.ts";

export interface Office extends Pick<OperatorContext, "store" | "clock"> {
  /** Absolute path of the data folder. */
  readonly folder: string;
  /** The file of the master key that the operator names. */
  readonly masterKeyFile: string | undefined;
  /** @throws OffhookError `master-key-unusable`, also if another key sealed the database. */
  readonly unlocked: () => Promise<OperatorContext>;
}

/**
 * Opens a data folder for one command, whether or not a server runs on it.
 * @throws OffhookError `data-folder-empty` if no server has ever started on it.
 */
export async function withOffice<Result>(
  dataFolder: string,
  masterKeyFile: string | undefined,
  work: (office: Office) => Promise<Result>,
): Promise<Result> {
  const folder = resolve(dataFolder);
  const store = await openStore(databaseIn(folder));
  const clock = new Clock();
  const unlocked = async (): Promise<OperatorContext> => {
    const masterKey = new MasterKey(await readMasterKey(folder, masterKeyFile));
    await checkMasterKey({ store, clock, masterKey });
    return { store, clock, masterKey };
  };
  try {
    return await work({ folder, store, clock, masterKeyFile, unlocked });
  } finally {
    await store.destroy();
  }
}

/** @throws OffhookError `data-folder-empty` */
export function databaseIn(folder: string): string {
  const file = join(folder, "offhook.db");
  if (existsSync(file)) return file;
  throw new OffhookError("data-folder-empty", folder);
}

export function unknownRecord(what: string, name: string): OffhookError {
  return new OffhookError("record-unknown", `${what} "${name}"`);
}
