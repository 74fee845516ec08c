/** A database with one service: an environment, and builds without files. */
import { join } from "node:path";
import type { TestContext } from "node:test";
import { MasterKey } from "../src/secrets/sealing.ts";
import { Clock } from "../src/store/clock.ts";
import { openStore, type Store } from "../src/store/store.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const accountSid = `AC${"a".repeat(32)}`;
export const serviceSid = `ZS${"a".repeat(32)}`;
export const environmentSid = `ZE${"a".repeat(32)}`;

export interface StoredService {
  readonly folder: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly masterKey: MasterKey;
}

export async function storeService(t: TestContext): Promise<StoredService> {
  const folder = await temporaryFolder(t);
  const store = await openStore(join(folder, "offhook.db"));
  t.after(() => store.destroy());
  const masterKey = new MasterKey(Buffer.alloc(32, 1));
  const clock = new Clock();
  const at = clock.next();
  const times = { created_at: at, updated_at: at };
  await store
    .insertInto("account")
    .values({
      ...times,
      sid: accountSid,
      name: "",
      auth_token: masterKey.seal("auth-token", [accountSid], "token"),
      token_mac: masterKey.fingerprint("token"),
      limits: null,
    })
    .execute();
  await store
    .insertInto("service")
    .values({
      ...times,
      sid: serviceSid,
      account_sid: accountSid,
      unique_name: "shop",
      friendly_name: "Shop",
      include_credentials: 0,
      ui_editable: 0,
      domain_base: "shop-1234",
      settings: null,
    })
    .execute();
  await store
    .insertInto("environment")
    .values({
      ...times,
      sid: environmentSid,
      account_sid: accountSid,
      service_sid: serviceSid,
      unique_name: "production",
      domain_suffix: "",
      build_sid: null,
      deployment_sid: null,
      revision: 1,
    })
    .execute();
  const domain = { name: "shop-1234", account_sid: accountSid, environment_sid: environmentSid, kind: "own" } as const;
  await store
    .insertInto("domain")
    .values({ ...domain, proof: null, verified_at: at, released_at: null, created_at: at })
    .execute();
  return { folder, store, clock, masterKey };
}

/** @returns its SID. */
export async function storeBuild(
  { store, clock }: StoredService,
  letter: string,
  status: "building" | "completed" | "failed" = "completed",
): Promise<string> {
  const sid = `ZB${letter.repeat(32)}`;
  const at = clock.next();
  await store
    .insertInto("build")
    .values({
      sid,
      account_sid: accountSid,
      service_sid: serviceSid,
      status,
      runtime: "node24",
      lock_hash: null,
      reason: status === "failed" ? "A package is missing." : null,
      warnings: null,
      claimed_until: null,
      created_at: at,
      updated_at: at,
    })
    .execute();
  return sid;
}
