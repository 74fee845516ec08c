/** The operator's settings for one service. They are stronger than those of its deployment. */
import { resolveServicePolicy, resolveServiceSettings } from "@offhook/runtime/internal/host-settings";
import { nextRevision, type StoreTransaction } from "../store/store.ts";
import type { Row } from "../store/schema.ts";
import { recordCommand } from "./command-audit.ts";
import { unknownRecord, type Office } from "./office.ts";
import { OffhookError } from "@offhook/runtime/offhook-error";

export interface ServiceSummary {
  readonly sid: string;
  readonly uniqueName: string;
  readonly account: string;
  readonly domains: readonly string[];
  readonly settings: Readonly<Record<string, unknown>>;
}

export async function listServices({ store }: Office): Promise<ServiceSummary[]> {
  const services = await store.selectFrom("service").selectAll().orderBy("created_at", "desc").orderBy("sid").execute();
  const domains = await store
    .selectFrom("domain")
    .innerJoin("environment", "environment.sid", "domain.environment_sid")
    .select(["domain.name", "environment.service_sid"])
    .orderBy("domain.name")
    .execute();
  return services.map(({ sid, unique_name, account_sid, settings }) => ({
    sid,
    uniqueName: unique_name,
    account: account_sid,
    domains: domains.filter((domain) => domain.service_sid === sid).map(({ name }) => name),
    settings: readSettings(settings),
  }));
}

/**
 * @param assignments texts like `timeout=20s`.
 * @returns the service's settings after the change.
 * @throws OffhookError `record-unknown`, `setting-unknown`, `setting-invalid`.
 */
export async function setSettings(
  office: Office,
  service: string,
  assignments: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  const added = Object.fromEntries(
    assignments.map((text) => {
      const at = text.indexOf("=");
      if (at < 1)
        throw new OffhookError(
          "setting-invalid",
          `Invalid setting: "${text}". Expected a key and a value: timeout=20s.`,
        );
      return [text.slice(0, at), readValue(text.slice(at + 1))];
    }),
  );
  return await change(office, service, "services set", (settings) => ({ ...settings, ...added }));
}

/** @returns the service's settings after the change. @throws OffhookError `record-unknown`. */
export async function unsetSettings(
  office: Office,
  service: string,
  keys: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  return await change(office, service, "services unset", (settings) =>
    Object.fromEntries(Object.entries(settings).filter(([key]) => !keys.includes(key))),
  );
}

async function change(
  office: Office,
  name: string,
  operation: string,
  edit: (settings: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  return await office.store.transaction().execute(async (transaction) => {
    const service = await findService(transaction, name);
    const values = edit(readSettings(service.settings));
    // The server's own limits do not matter here: the operator's settings are stronger.
    resolveServiceSettings(resolveServicePolicy(), {
      operator: { values, name: `the settings of ${service.unique_name}` },
    });
    const settings = Object.keys(values).length === 0 ? null : JSON.stringify(values);
    const revision = await nextRevision(transaction);
    await transaction.updateTable("service").set({ settings }).where("sid", "=", service.sid).execute();
    await transaction.updateTable("environment").set({ revision }).where("service_sid", "=", service.sid).execute();
    await recordCommand(transaction, office.clock, { operation, accountSid: service.account_sid, sids: [service.sid] });
    return values;
  });
}

async function findService(transaction: StoreTransaction, name: string): Promise<Row<"service">> {
  const found = await transaction
    .selectFrom("service")
    .selectAll()
    .where((row) => row.or([row("sid", "=", name), row("unique_name", "=", name)]))
    .limit(2)
    .execute();
  const [service, another] = found;
  if (service === undefined) throw unknownRecord("service", name);
  if (another !== undefined)
    throw new OffhookError(
      "setting-invalid",
      `Two accounts have a service "${name}". Use its SID: ${service.sid} or ${another.sid}.`,
    );
  return service;
}

function readSettings(text: string | null): Readonly<Record<string, unknown>> {
  return text === null ? {} : (JSON.parse(text) as Record<string, unknown>);
}

/** Numbers, booleans and lists are written as in JSON. Everything else is a text. */
function readValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
