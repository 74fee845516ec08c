/**
 * Custom host names of environments. The owner of a name proves it with a TXT record. Until then the name is not served,
 * and does not keep another account from proving it.
 */
import { randomBytes } from "node:crypto";
import { resolveTxt } from "node:dns/promises";
import { domainToASCII } from "node:url";
import { OffhookError } from "@offhook/runtime/offhook-error";
import type { Row } from "../store/schema.ts";
import { nextRevision, type StoreTransaction } from "../store/store.ts";
import { recordCommand } from "./command-audit.ts";
import { unknownRecord, type Office } from "./office.ts";

const maxNameLength = 253;
const maxLabelLength = 63;

/** A record of DNS. It proves that the operator may use the name. */
export interface Proof {
  readonly name: string;
  /** The name of the TXT record. */
  readonly record: string;
  readonly value: string;
}

/** Asks DNS for the texts of a name. Rejects if the name has none. */
export type ResolveTexts = (name: string) => Promise<readonly (readonly string[])[]>;

/**
 * @param environmentSid the environment that is to be served under the name.
 * @returns the proof that `verifyDomain` looks for.
 * @throws OffhookError `record-unknown`, `domain-invalid` for a malformed name, or one that another environment has.
 */
export async function addDomain(office: Office, name: string, environmentSid: string): Promise<Proof> {
  const host = normalize(name);
  return await office.store.transaction().execute(async (transaction) => {
    const environment = await findEnvironment(transaction, environmentSid);
    const found = await findDomain(transaction, host);
    if (found?.verified_at != null && found.environment_sid !== null) {
      throw new OffhookError("domain-invalid", `${host} is served by the environment ${found.environment_sid}`);
    }
    const proof = `offhook-verification=${randomBytes(16).toString("hex")}`;
    await transaction.deleteFrom("domain").where("name", "=", host).execute();
    await transaction
      .insertInto("domain")
      .values({
        name: host,
        account_sid: environment.account_sid,
        environment_sid: environment.sid,
        kind: "custom",
        proof,
        verified_at: null,
        released_at: null,
        created_at: office.clock.next(),
      })
      .execute();
    await record(transaction, office, "domains add", environment);
    return { name: host, record: recordOf(host), value: proof };
  });
}

/**
 * Looks for the proof. If it is there, the running server serves the name within a second.
 * @throws OffhookError `record-unknown`, `domain-unproven`
 */
export async function verifyDomain(
  office: Office,
  name: string,
  resolve: ResolveTexts = resolveTxt,
): Promise<{ readonly name: string; readonly environment: string }> {
  const host = normalize(name);
  const claimed = await office.store
    .selectFrom("domain")
    .selectAll()
    .where("name", "=", host)
    .where("kind", "=", "custom")
    .executeTakeFirst();
  if (claimed?.environment_sid == null) throw unknownRecord("domain", host);
  const texts = await resolve(recordOf(host)).catch(() => []);
  if (!texts.some((parts) => parts.join("") === claimed.proof)) {
    throw new OffhookError("domain-unproven", `${recordOf(host)} needs a TXT record with ${claimed.proof}`);
  }
  const environment = await office.store.transaction().execute(async (transaction) => {
    const found = await findEnvironment(transaction, claimed.environment_sid ?? "");
    const verified = await transaction
      .updateTable("domain")
      .set({ verified_at: office.clock.next() })
      .where("name", "=", host)
      // Another environment may have claimed the name while DNS was asked.
      .where("proof", "=", claimed.proof)
      .returning("name")
      .executeTakeFirst();
    if (verified === undefined) throw unknownRecord("domain", host);
    await record(transaction, office, "domains verify", found);
    return found;
  });
  return { name: host, environment: environment.sid };
}

/** The name answers like an unknown one from then on. @throws OffhookError `record-unknown` */
export async function removeDomain(office: Office, name: string): Promise<void> {
  const host = normalize(name);
  await office.store.transaction().execute(async (transaction) => {
    const found = await findDomain(transaction, host);
    if (found?.kind !== "custom") throw unknownRecord("custom domain", host);
    await transaction.deleteFrom("domain").where("name", "=", host).execute();
    if (found.environment_sid === null) return;
    await record(transaction, office, "domains remove", await findEnvironment(transaction, found.environment_sid));
  });
}

/** The server notices the new revision. */
async function record(
  transaction: StoreTransaction,
  office: Office,
  operation: string,
  environment: Row<"environment">,
): Promise<void> {
  await transaction
    .updateTable("environment")
    .set({ revision: await nextRevision(transaction) })
    .where("sid", "=", environment.sid)
    .execute();
  await recordCommand(transaction, office.clock, {
    operation,
    accountSid: environment.account_sid,
    sids: [environment.sid],
  });
}

async function findEnvironment(transaction: StoreTransaction, sid: string): Promise<Row<"environment">> {
  const found = await transaction.selectFrom("environment").selectAll().where("sid", "=", sid).executeTakeFirst();
  if (found === undefined) throw unknownRecord("environment", sid);
  return found;
}

async function findDomain(transaction: StoreTransaction, name: string): Promise<Row<"domain"> | undefined> {
  return await transaction.selectFrom("domain").selectAll().where("name", "=", name).executeTakeFirst();
}

function recordOf(name: string): string {
  return `_offhook.${name}`;
}

/** In the form in which host names are compared: ASCII, lower case, no dot at the end. */
function normalize(name: string): string {
  const host = domainToASCII(name.trim().replace(/\.$/, "")).toLowerCase();
  const labels = host.split(".");
  const isValid =
    labels.length > 1 &&
    host.length <= maxNameLength &&
    labels.every((label) => label.length <= maxLabelLength && /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(label)) &&
    // An address is no name.
    /[a-z]/.test(labels.at(-1) ?? "");
  if (isValid) return host;
  throw new OffhookError("domain-invalid", `"${name}" is not a name such as shop.example.com`);
}
