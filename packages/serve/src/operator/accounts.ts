/** The Twilio accounts that services stand for. */
import { OffhookError } from "@offhook/runtime/offhook-error";
import type { MasterKey } from "../secrets/sealing.ts";
import { nextRevision, type StoreTransaction } from "../store/store.ts";
import { recordCommand, unknownRecord, type Office } from "./office.ts";

export interface NewAccount {
  readonly sid: string;
  readonly name?: string | undefined;
  readonly authToken: string;
}

/** @throws OffhookError `record-exists`. */
export async function createAccount(office: Office, account: NewAccount): Promise<void> {
  const masterKey = await office.masterKey();
  await office.store.transaction().execute(async (transaction) => {
    const taken = await transaction
      .selectFrom("account")
      .select("sid")
      .where("sid", "=", account.sid)
      .executeTakeFirst();
    if (taken !== undefined) throw new OffhookError("record-exists", `account ${account.sid}`);
    await insertAccount(transaction, office, masterKey, account);
    await recordCommand(transaction, office, {
      operation: "accounts create",
      accountSid: account.sid,
      sids: [account.sid],
    });
  });
}

export async function insertAccount(
  transaction: StoreTransaction,
  { clock }: Pick<Office, "clock">,
  masterKey: MasterKey,
  { sid, name, authToken }: NewAccount,
): Promise<void> {
  const now = clock.next();
  await transaction
    .insertInto("account")
    .values({
      sid,
      name: name ?? "",
      ...sealToken(masterKey, sid, authToken),
      limits: null,
      created_at: now,
      updated_at: now,
    })
    .execute();
}

export function sealToken(
  masterKey: MasterKey,
  sid: string,
  authToken: string,
): { readonly auth_token: string; readonly token_mac: string } {
  return { auth_token: masterKey.seal("auth-token", [sid], authToken), token_mac: masterKey.fingerprint(authToken) };
}

export interface AccountSummary {
  readonly sid: string;
  readonly name: string;
  readonly services: number;
  readonly keys: number;
  readonly created: string;
}

export async function listAccounts({ store }: Office): Promise<AccountSummary[]> {
  const rows = await store
    .selectFrom("account")
    .select(["sid", "name", "created_at"])
    .select((row) => [
      row
        .selectFrom("service")
        .whereRef("service.account_sid", "=", "account.sid")
        .select(row.fn.countAll<number>().as("n"))
        .as("services"),
      row
        .selectFrom("api_key")
        .whereRef("api_key.account_sid", "=", "account.sid")
        .where("revoked_at", "is", null)
        .select(row.fn.countAll<number>().as("n"))
        .as("keys"),
    ])
    .orderBy("created_at", "desc")
    .orderBy("sid")
    .execute();
  return rows.map(({ sid, name, services, keys, created_at }) => ({
    sid,
    name,
    services: services ?? 0,
    keys: keys ?? 0,
    created: new Date(created_at).toISOString(),
  }));
}

/** @throws OffhookError `record-unknown`, and `record-in-use` if the account has services. */
export async function removeAccount(office: Office, sid: string): Promise<void> {
  await office.store.transaction().execute(async (transaction) => {
    await requireAccount(transaction, sid);
    const service = await transaction
      .selectFrom("service")
      .select("unique_name")
      .where("account_sid", "=", sid)
      .executeTakeFirst();
    if (service !== undefined)
      throw new OffhookError("record-in-use", `the account ${sid} has services, such as "${service.unique_name}"`);
    await transaction.deleteFrom("account").where("sid", "=", sid).execute();
    await recordCommand(transaction, office, { operation: "accounts remove", accountSid: sid, sids: [sid] });
  });
}

/** Replaces the auth token. Running functions get the new one without a deployment. @throws OffhookError `record-unknown`. */
export async function replaceAuthToken(office: Office, sid: string, authToken: string): Promise<void> {
  const masterKey = await office.masterKey();
  await office.store.transaction().execute(async (transaction) => {
    await requireAccount(transaction, sid);
    await transaction
      .updateTable("account")
      .set({ ...sealToken(masterKey, sid, authToken), updated_at: office.clock.next() })
      .where("sid", "=", sid)
      .execute();
    const revision = await nextRevision(transaction);
    await transaction.updateTable("environment").set({ revision }).where("account_sid", "=", sid).execute();
    await recordCommand(transaction, office, { operation: "accounts token", accountSid: sid, sids: [sid] });
  });
}

/** @throws OffhookError `record-unknown`. */
export async function requireAccount(transaction: StoreTransaction, sid: string): Promise<void> {
  const found = await transaction.selectFrom("account").select("sid").where("sid", "=", sid).executeTakeFirst();
  if (found === undefined) throw unknownRecord("account", sid);
}
