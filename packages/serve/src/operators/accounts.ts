/** Accounts: the Twilio accounts that services stand for. */
import { OffhookError } from "@offhook/runtime/offhook-error";
import type { MasterKey } from "../secrets/sealing.ts";
import type { Clock } from "../store/clock.ts";
import type { Row } from "../store/schema.ts";
import { isSid, newSid } from "../store/sids.ts";
import { nextRevision, type Store } from "../store/store.ts";
import { recordCommand } from "./command-audit.ts";

export interface OperatorContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly masterKey: MasterKey;
}

/**
 * @param sid absent: one is made up.
 * @param authToken checks the signatures of Twilio's requests.
 * @throws OffhookError `account-invalid` if the SID is malformed, or taken.
 */
export async function createAccount(
  { store, clock, masterKey }: OperatorContext,
  { sid = newSid("AC"), authToken, name = "" }: { sid?: string | undefined; authToken: string; name?: string },
): Promise<Row<"account">> {
  if (!isSid("AC", sid)) {
    throw new OffhookError("account-invalid", `${sid} is not the SID of an account: AC and 32 hex digits.`);
  }
  const taken = await store.selectFrom("account").select("sid").where("sid", "=", sid).executeTakeFirst();
  if (taken !== undefined) throw new OffhookError("account-invalid", `The account ${sid} exists.`);
  const now = clock.next();
  return await store.transaction().execute(async (transaction) => {
    await recordCommand(transaction, clock, { operation: "accounts create", accountSid: sid, sids: [sid] });
    return await transaction
      .insertInto("account")
      .values({ sid, name, ...sealedToken(masterKey, sid, authToken), limits: null, created_at: now, updated_at: now })
      .returningAll()
      .executeTakeFirstOrThrow();
  });
}

/** Removes an account that has no services, with its keys. @throws OffhookError `account-invalid` */
export async function removeAccount(
  { store, clock }: Pick<OperatorContext, "store" | "clock">,
  sid: string,
): Promise<void> {
  await store.transaction().execute(async (transaction) => {
    const service = await transaction
      .selectFrom("service")
      .select("unique_name")
      .where("account_sid", "=", sid)
      .executeTakeFirst();
    if (service !== undefined)
      throw new OffhookError(
        "account-invalid",
        `${sid} has services, such as ${service.unique_name}. Delete them first.`,
      );
    const removed = await transaction.deleteFrom("account").where("sid", "=", sid).returning("sid").executeTakeFirst();
    if (removed === undefined) throw new OffhookError("account-invalid", `There is no account ${sid}.`);
    await recordCommand(transaction, clock, { operation: "accounts remove", accountSid: sid, sids: [sid] });
  });
}

/** Later requests are checked with the new token. @throws OffhookError `account-invalid` */
export async function changeAuthToken(
  { store, clock, masterKey }: OperatorContext,
  sid: string,
  authToken: string,
): Promise<void> {
  await store.transaction().execute(async (transaction) => {
    const updated = await transaction
      .updateTable("account")
      .set({ ...sealedToken(masterKey, sid, authToken), updated_at: clock.next() })
      .where("sid", "=", sid)
      .returning("sid")
      .executeTakeFirst();
    if (updated === undefined) throw new OffhookError("account-invalid", `There is no account ${sid}.`);
    await transaction
      .updateTable("environment")
      .set({ revision: await nextRevision(transaction) })
      .where("account_sid", "=", sid)
      .execute();
    await recordCommand(transaction, clock, { operation: "accounts token", accountSid: sid, sids: [sid] });
  });
}

export async function listAccounts({ store }: Pick<OperatorContext, "store">): Promise<Row<"account">[]> {
  return await store.selectFrom("account").selectAll().orderBy("created_at").execute();
}

export function sealedToken(
  masterKey: MasterKey,
  sid: string,
  authToken: string,
): { auth_token: string; token_mac: string } {
  return {
    auth_token: masterKey.seal("auth-token", [sid], authToken),
    token_mac: masterKey.fingerprint(authToken),
  };
}
