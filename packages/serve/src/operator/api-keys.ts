/** The keys that clients authenticate with. A secret is shown once, and only its hash is stored. */
import { createHash, randomBytes } from "node:crypto";
import { OffhookError } from "@offhook/runtime/offhook-error";
import type { Role } from "../store/schema.ts";
import { newSid } from "../store/sids.ts";
import type { StoreTransaction } from "../store/store.ts";
import { requireAccount } from "./accounts.ts";
import { recordCommand, unknownRecord, type Office } from "./office.ts";

export interface NewKey {
  readonly accountSid: string;
  readonly name?: string | undefined;
  readonly role: Role;
  /** Unique names or SIDs. Empty: all services. */
  readonly services: readonly string[];
  /** Undefined: it does not expire. */
  readonly expiresInDays?: number | undefined;
}

export interface IssuedKey {
  readonly key: string;
  readonly secret: string;
}

/** @param accountSid undefined: the only account. @throws OffhookError `record-unknown`, `setting-invalid`. */
export async function createKey(
  office: Office,
  { accountSid, ...key }: Omit<NewKey, "accountSid"> & { readonly accountSid?: string | undefined },
): Promise<IssuedKey> {
  return await office.store.transaction().execute(async (transaction) => {
    const account = accountSid ?? (await onlyAccount(transaction));
    await requireAccount(transaction, account);
    const issued = await insertKey(transaction, office, { ...key, accountSid: account });
    await recordCommand(transaction, office, { operation: "keys create", accountSid: account, sids: [issued.key] });
    return issued;
  });
}

export async function insertKey(
  transaction: StoreTransaction,
  { clock }: Pick<Office, "clock">,
  { accountSid, name = "", role, services, expiresInDays }: NewKey,
): Promise<IssuedKey> {
  const issued = { key: newSid("SK"), secret: randomBytes(32).toString("hex") };
  const now = clock.next();
  await transaction
    .insertInto("api_key")
    .values({
      sid: issued.key,
      account_sid: accountSid,
      name,
      secret_sha256: createHash("sha256").update(issued.secret).digest("hex"),
      role,
      services: services.length === 0 ? null : JSON.stringify(services),
      expires_at: expiresInDays === undefined ? null : now + expiresInDays * 86_400_000,
      last_used_at: null,
      revoked_at: null,
      created_at: now,
    })
    .execute();
  return issued;
}

async function onlyAccount(transaction: StoreTransaction): Promise<string> {
  const accounts = await transaction.selectFrom("account").select("sid").limit(2).execute();
  if (accounts.length === 1 && accounts[0] !== undefined) return accounts[0].sid;
  throw new OffhookError(
    "setting-invalid",
    accounts.length === 0
      ? "There is no account yet. Create one with `offhook accounts create`."
      : "Missing value for --account. There are several accounts: `offhook accounts list` shows them.",
  );
}

export interface KeySummary {
  readonly key: string;
  readonly account: string;
  readonly name: string;
  readonly role: Role;
  /** Null: all. */
  readonly services: readonly string[] | null;
  readonly state: "active" | "expired" | "revoked";
  readonly expires: string | null;
  readonly lastUsed: string | null;
  readonly created: string;
}

export async function listKeys({ store }: Office): Promise<KeySummary[]> {
  const rows = await store.selectFrom("api_key").selectAll().orderBy("created_at", "desc").orderBy("sid").execute();
  const now = Date.now();
  return rows.map((row) => ({
    key: row.sid,
    account: row.account_sid,
    name: row.name,
    role: row.role,
    services: row.services === null ? null : (JSON.parse(row.services) as string[]),
    state:
      row.revoked_at !== null ? "revoked" : row.expires_at !== null && row.expires_at <= now ? "expired" : "active",
    expires: timeText(row.expires_at),
    lastUsed: timeText(row.last_used_at),
    created: new Date(row.created_at).toISOString(),
  }));
}

/** The key stays listed. @throws OffhookError `record-unknown`. */
export async function revokeKey(office: Office, sid: string): Promise<void> {
  await office.store.transaction().execute(async (transaction) => {
    const row = await transaction.selectFrom("api_key").select("account_sid").where("sid", "=", sid).executeTakeFirst();
    if (row === undefined) throw unknownRecord("key", sid);
    await transaction
      .updateTable("api_key")
      .set({ revoked_at: office.clock.next() })
      .where("sid", "=", sid)
      .where("revoked_at", "is", null)
      .execute();
    await recordCommand(transaction, office, { operation: "keys revoke", accountSid: row.account_sid, sids: [sid] });
  });
}

function timeText(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
