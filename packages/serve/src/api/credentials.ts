/**
 * Authenticates requests, with HTTP Basic: an API key (`SK…:secret`), or the account itself (`AC…:auth token`), as at
 * Twilio.
 */
import { timingSafeEqual } from "node:crypto";
import { hashSecret } from "../secrets/secret-hash.ts";
import type { ApiContext } from "./api-context.ts";
import { isSid } from "../store/sids.ts";
import type { Role } from "../store/schema.ts";
import { ApiError } from "../api-error.ts";

export interface Principal {
  readonly accountSid: string;
  /** The SID of the key, or of the account whose token was used. */
  readonly actor: string;
  readonly role: Role;
  /** Unique names or SIDs of the services that it may use. Undefined: all. */
  readonly services: readonly string[] | undefined;
}

/** The key's time of last use is written at most once in this time, in milliseconds. */
const useIntervalMs = 60_000;

/** @throws ApiError 401 */
export async function authenticate(context: ApiContext, header: string | undefined): Promise<Principal> {
  const [user, secret] = readBasic(header);
  const principal = user.startsWith("SK")
    ? await byKey(context, user, secret)
    : user.startsWith("AC") && context.settings.allowsAccountToken
      ? await byToken(context, user, secret)
      : undefined;
  if (principal === undefined) throw refused();
  return principal;
}

async function byKey({ store, clock }: ApiContext, sid: string, secret: string): Promise<Principal | undefined> {
  const key = await store.selectFrom("api_key").selectAll().where("sid", "=", sid).executeTakeFirst();
  // Compares also for an unknown key, so that both answers take the same time.
  const isRight = isSame(hashSecret(secret), key?.secret_sha256 ?? hashSecret(""));
  if (key === undefined || !isRight || key.revoked_at !== null) return undefined;
  const now = clock.next();
  if (key.expires_at !== null && key.expires_at <= now) return undefined;
  if (key.last_used_at === null || key.last_used_at < now - useIntervalMs) {
    await store.updateTable("api_key").set({ last_used_at: now }).where("sid", "=", sid).execute();
  }
  const services = key.services === null ? undefined : (JSON.parse(key.services) as string[]);
  return { accountSid: key.account_sid, actor: sid, role: key.role, services };
}

async function byToken({ store, masterKey }: ApiContext, sid: string, token: string): Promise<Principal | undefined> {
  const account = await store.selectFrom("account").select("token_mac").where("sid", "=", sid).executeTakeFirst();
  const isRight = isSame(masterKey.fingerprint(token), account?.token_mac ?? masterKey.fingerprint(""));
  return account === undefined || !isRight
    ? undefined
    : { accountSid: sid, actor: sid, role: "admin", services: undefined };
}

function readBasic(header: string | undefined): [user: string, secret: string] {
  const [, base64] = /^basic +([\w+/=-]+)$/i.exec(header ?? "") ?? [];
  if (base64 === undefined) throw refused();
  const text = Buffer.from(base64, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon === -1) throw refused();
  return [text.slice(0, colon), text.slice(colon + 1)];
}

/** The key or the account that a request names, for the audit log. Undefined for other text, which may be a secret. */
export function userOf(header: string | undefined): string | undefined {
  const [, base64 = ""] = /^basic +([\w+/=-]+)$/i.exec(header ?? "") ?? [];
  const [user] = Buffer.from(base64, "base64").toString("utf8").split(":", 1);
  return user !== undefined && (isSid("SK", user) || isSid("AC", user)) ? user : undefined;
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function refused(): ApiError {
  return new ApiError({
    status: 401,
    code: 20003,
    message:
      "Authenticate. The credentials are missing, wrong, expired or revoked. The operator of this server makes a key with `offhook keys create`, and `offhook login` stores it.",
  });
}

/** Counts wrong credentials by address. After ten in a minute, the address has to wait. */
export class FailureCounter {
  readonly #failures = new Map<string, { count: number; until: number }>();

  /** @throws ApiError 429 */
  check(address: string): void {
    const found = this.#failures.get(address);
    if (found === undefined) return;
    const left = found.until - Date.now();
    if (left <= 0) this.#failures.delete(address);
    else if (found.count >= maxFailures) throw tooMany(Math.ceil(left / 1000));
  }

  add(address: string): void {
    const now = Date.now();
    if (this.#failures.size >= maxAddresses) this.#removeOld(now);
    const found = this.#failures.get(address);
    if (found === undefined || found.until <= now) this.#failures.set(address, { count: 1, until: now + windowMs });
    else found.count += 1;
  }

  #removeOld(now: number): void {
    for (const [address, { until }] of this.#failures) if (until <= now) this.#failures.delete(address);
    // Under an attack from many addresses, the oldest entry goes.
    const [oldest] = this.#failures.keys();
    if (this.#failures.size >= maxAddresses && oldest !== undefined) this.#failures.delete(oldest);
  }
}

const maxFailures = 10;
const windowMs = 60_000;
const maxAddresses = 10_000;

function tooMany(seconds: number): ApiError {
  return new ApiError({
    status: 429,
    code: 20429,
    message: `Too many wrong credentials from this address. Try again in ${seconds} s.`,
    retryAfter: seconds,
  });
}
