/** The first start of a server: its account and its first key. */
import { open } from "node:fs/promises";
import { Clock } from "../store/clock.ts";
import { MasterKey } from "../secrets/sealing.ts";
import { newSid } from "../store/sids.ts";
import { openStore } from "../store/store.ts";
import { makeAuthToken } from "./account-input.ts";
import { insertAccount } from "./accounts.ts";
import { insertKey, type IssuedKey } from "./api-keys.ts";
import { dataFolderAt } from "./data-folder.ts";
import { requireKeyOf } from "./master-key-file.ts";
import { recordCommand } from "./office.ts";

export interface FirstStartInput {
  readonly dataFolder: string;
  readonly masterKey: Uint8Array;
  /** Undefined: made up. */
  readonly account: { readonly sid: string; readonly authToken: string } | undefined;
}

export interface FirstStart extends IssuedKey {
  readonly accountSid: string;
  readonly isMadeUp: boolean;
}

/**
 * Brings the schema of the database up to date.
 * @returns undefined if there is an account already. Nothing else is changed then.
 * @throws OffhookError `master-key-unusable` if another key sealed the database.
 */
export async function prepareDatabase({
  dataFolder,
  masterKey,
  account,
}: FirstStartInput): Promise<FirstStart | undefined> {
  const key = new MasterKey(masterKey);
  const { database } = dataFolderAt(dataFolder);
  // Other users can reach files in the folder by name. SQLite gives the files beside it the same mode.
  await (await open(database, "a", 0o600)).close();
  const store = await openStore(database);
  const clock = new Clock();
  try {
    return await store.transaction().execute(async (transaction) => {
      const known = await transaction.selectFrom("account").select("auth_token").executeTakeFirst();
      if (known !== undefined) {
        requireKeyOf(known.auth_token, key);
        return undefined;
      }
      const created = account ?? { sid: newSid("AC"), authToken: makeAuthToken() };
      await insertAccount(transaction, { clock }, key, created);
      const issued = await insertKey(
        transaction,
        { clock },
        {
          accountSid: created.sid,
          name: "first start",
          role: "admin",
          services: [],
        },
      );
      await recordCommand(
        transaction,
        { clock },
        {
          operation: "first start",
          accountSid: created.sid,
          sids: [created.sid, issued.key],
        },
      );
      return { ...issued, accountSid: created.sid, isMadeUp: account === undefined };
    });
  } finally {
    await store.destroy();
  }
}
