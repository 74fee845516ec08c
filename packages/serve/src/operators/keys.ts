/** API keys: what clients authenticate with. The secret is shown once, and only its hash is kept. */
import { randomBytes } from "node:crypto";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { hashSecret } from "../secrets/secret-hash.ts";
import type { Role, Row } from "../store/schema.ts";
import { newSid } from "../store/sids.ts";
import type { OperatorContext } from "./accounts.ts";
import { recordCommand } from "./command-audit.ts";

type KeyContext = Pick<OperatorContext, "store" | "clock">;

export interface NewKey {
  readonly key: string;
  /** Shown once. */
  readonly secret: string;
}

export interface KeyOptions {
  readonly accountSid: string;
  readonly role: Role;
  readonly name?: string | undefined;
  /** Unique names or SIDs. Undefined: all services. */
  readonly services?: readonly string[] | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number | undefined;
}

/** @throws OffhookError `account-invalid` */
export async function createKey({ store, clock }: KeyContext, options: KeyOptions): Promise<NewKey> {
  const { accountSid, role, name = "", services, expiresAt } = options;
  const account = await store.selectFrom("account").select("sid").where("sid", "=", accountSid).executeTakeFirst();
  if (account === undefined) throw new OffhookError("account-invalid", `There is no account ${accountSid}.`);
  const secret = randomBytes(32).toString("base64url");
  const sid = newSid("SK");
  await store
    .insertInto("api_key")
    .values({
      sid,
      account_sid: accountSid,
      name,
      secret_sha256: hashSecret(secret),
      role,
      services: services === undefined ? null : JSON.stringify(services),
      expires_at: expiresAt ?? null,
      last_used_at: null,
      revoked_at: null,
      created_at: clock.next(),
    })
    .execute();
  await recordCommand(store, clock, { operation: "keys create", accountSid, sids: [sid] });
  return { key: sid, secret };
}

/** Without the hashes. */
export async function listKeys({
  store,
}: Pick<OperatorContext, "store">): Promise<Omit<Row<"api_key">, "secret_sha256">[]> {
  return await store
    .selectFrom("api_key")
    .select([
      "sid",
      "account_sid",
      "name",
      "role",
      "services",
      "expires_at",
      "last_used_at",
      "revoked_at",
      "created_at",
    ])
    .orderBy("created_at")
    .execute();
}

/** The next request with it is refused. @throws OffhookError `key-unknown` */
export async function revokeKey({ store, clock }: KeyContext, sid: string): Promise<void> {
  const revoked = await store
    .updateTable("api_key")
    .set({ revoked_at: clock.next() })
    .where("sid", "=", sid)
    .where("revoked_at", "is", null)
    .returning("account_sid")
    .executeTakeFirst();
  if (revoked === undefined) throw new OffhookError("key-unknown", sid);
  await recordCommand(store, clock, { operation: "keys revoke", accountSid: revoked.account_sid, sids: [sid] });
}
