/** The database, the master key and the audit, opened for one command of an operator. */
import { OffhookError } from "@offhook/runtime/offhook-error";
import { MasterKey } from "../secrets/sealing.ts";
import { Clock } from "../store/clock.ts";
import { openStore, type Store, type StoreTransaction } from "../store/store.ts";
import { openDataFolder, type DataFolder } from "./data-folder.ts";
import { masterKeyPath, readMasterKey, requireKeyOf } from "./master-key-file.ts";

export interface Office {
  readonly data: DataFolder;
  readonly store: Store;
  readonly clock: Clock;
  /** @throws OffhookError `master-key-unusable`, also if another key sealed the database. */
  readonly masterKey: () => Promise<MasterKey>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Opens a data folder for one command, whether or not a server runs on it.
 * @throws OffhookError `data-folder-unusable`.
 */
export async function withOffice<Result>(
  folder: string,
  environment: Environment,
  work: (office: Office) => Promise<Result>,
): Promise<Result> {
  const data = await openDataFolder(folder);
  const store = await openStore(data.database);
  try {
    const masterKey = async (): Promise<MasterKey> => {
      const key = new MasterKey(await readMasterKey(masterKeyPath(data, environment)));
      const sealed = await store.selectFrom("account").select("auth_token").executeTakeFirst();
      if (sealed !== undefined) requireKeyOf(sealed.auth_token, key);
      return key;
    };
    return await work({ data, store, clock: new Clock(), masterKey });
  } finally {
    await store.destroy();
  }
}

/** The audit has no values, only what was done to what. */
export async function recordCommand(
  transaction: StoreTransaction,
  { clock }: Pick<Office, "clock">,
  entry: { readonly operation: string; readonly accountSid?: string | undefined; readonly sids: readonly string[] },
): Promise<void> {
  await transaction
    .insertInto("audit")
    .values({
      at: clock.next(),
      account_sid: entry.accountSid ?? null,
      actor: "command",
      address: "",
      user_agent: "",
      operation: entry.operation,
      sids: JSON.stringify(entry.sids),
      status: 200,
    })
    .execute();
}

export function unknownRecord(what: string, name: string): OffhookError {
  return new OffhookError("record-unknown", `${what} "${name}"`);
}
