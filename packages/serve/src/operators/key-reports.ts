/** Reports about accounts and their keys. They have no tokens and no hashes. */
import { OffhookError } from "@offhook/runtime/offhook-error";
import type { Role } from "../store/schema.ts";
import { listKeys } from "./keys.ts";
import type { Office } from "./office.ts";

export interface AccountSummary {
  readonly sid: string;
  readonly name: string;
  readonly services: number;
  /** Without revoked ones. */
  readonly keys: number;
  readonly created: string;
}

export async function summarizeAccounts({ store }: Office): Promise<AccountSummary[]> {
  const accounts = await store
    .selectFrom("account")
    .select(["sid", "name", "created_at"])
    .orderBy("created_at")
    .execute();
  const services = await store.selectFrom("service").select("account_sid").execute();
  const keys = await store.selectFrom("api_key").select("account_sid").where("revoked_at", "is", null).execute();
  return accounts.map(({ sid, name, created_at }) => ({
    sid,
    name,
    services: services.filter(({ account_sid }) => account_sid === sid).length,
    keys: keys.filter(({ account_sid }) => account_sid === sid).length,
    created: timeText(created_at),
  }));
}

export interface KeySummary {
  readonly key: string;
  readonly account: string;
  readonly name: string;
  readonly role: Role;
  readonly services: readonly string[] | "all";
  readonly state: "active" | "expired" | "revoked";
  readonly expires: string | null;
  readonly lastUsed: string | null;
  readonly created: string;
}

export async function summarizeKeys(office: Office): Promise<KeySummary[]> {
  const now = Date.now();
  return (await listKeys(office)).map((row) => ({
    key: row.sid,
    account: row.account_sid,
    name: row.name,
    role: row.role,
    services: row.services === null ? "all" : (JSON.parse(row.services) as string[]),
    state:
      row.revoked_at !== null ? "revoked" : row.expires_at !== null && row.expires_at <= now ? "expired" : "active",
    expires: row.expires_at === null ? null : timeText(row.expires_at),
    lastUsed: row.last_used_at === null ? null : timeText(row.last_used_at),
    created: timeText(row.created_at),
  }));
}

/** @throws OffhookError `account-invalid` if there is none, or several. */
export async function onlyAccount({ store }: Office): Promise<string> {
  const [account, another] = await store.selectFrom("account").select("sid").limit(2).execute();
  if (account !== undefined && another === undefined) return account.sid;
  throw new OffhookError(
    "account-invalid",
    account === undefined ? "There is no account yet." : "There are several accounts. Name one with --account.",
  );
}

function timeText(time: number): string {
  return new Date(time).toISOString();
}
