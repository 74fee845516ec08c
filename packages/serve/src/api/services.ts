/** Operations on services (contract rows 151 to 156). */
import { randomInt } from "node:crypto";
import { newSid } from "../store/sids.ts";
import type { StoreTransaction } from "../store/store.ts";
import { conflict, invalidParameter } from "../api-error.ts";
import { findService, mayUse, requireService } from "./lookup.ts";
import type { Call, Operation, Reply } from "./operation.ts";
import { listReply, pageOf } from "./paging.ts";
import { serviceReply } from "./replies.ts";

const maxUniqueName = 50;
const maxFriendlyName = 255;

export const serviceOperations: readonly Operation[] = [
  {
    id: "ListServices",
    method: "GET",
    path: "/v1/Services",
    run: (call) =>
      listReply(call, {
        key: "services",
        path: "/v1/Services",
        rows: async (page) => {
          const { store } = call.context;
          const query = store.selectFrom("service").selectAll().where("account_sid", "=", call.principal.accountSid);
          const { services } = call.principal;
          const allowed =
            services === undefined
              ? query
              : query.where((row) => row.or([row("sid", "in", services), row("unique_name", "in", services)]));
          return await pageOf(allowed, "service", page).execute();
        },
        placeOf: ({ created_at: at, sid }) => ({ at, sid }),
        replyOf: (row) => serviceReply(row, call.links),
      }),
  },
  { id: "CreateService", method: "POST", path: "/v1/Services", run: createService },
  {
    id: "FetchService",
    method: "GET",
    path: "/v1/Services/:service",
    run: async (call) => ({ status: 200, body: serviceReply(await findService(call), call.links) }),
  },
  { id: "UpdateService", method: "POST", path: "/v1/Services/:service", run: updateService },
  { id: "DeleteService", method: "DELETE", path: "/v1/Services/:service", run: deleteService },
];

async function createService(call: Call): Promise<Reply> {
  const { context, principal, form, links, note } = call;
  const uniqueName = form.required("UniqueName", {
    max: maxUniqueName,
    pattern: /^[A-Za-z0-9-]+$/,
    allowed: "letters, digits and dashes",
  });
  if (!/^[A-Za-z0-9]/.test(uniqueName)) {
    throw invalidParameter("UniqueName must begin with a letter or a digit, because it begins a host name.");
  }
  if (/^ZS[0-9a-f]{32}$/i.test(uniqueName)) {
    throw invalidParameter("UniqueName must not look like a SID, because paths name a service by either.");
  }
  const friendlyName = form.required("FriendlyName", { max: maxFriendlyName });
  const includeCredentials = form.flag("IncludeCredentials") ?? true;
  const uiEditable = form.flag("UiEditable") ?? false;
  requireMayCreate(call, uniqueName);
  const { quotas } = context.settings;
  const row = await context.store.transaction().execute(async (transaction) => {
    const services = await transaction
      .selectFrom("service")
      .select(["sid", "unique_name"])
      .where("account_sid", "=", principal.accountSid)
      .execute();
    const taken = services.find((each) => each.unique_name === uniqueName);
    if (taken !== undefined) {
      throw conflict(
        `UniqueName ${uniqueName} is taken by the service ${taken.sid}. Deploy to it with --override-existing-project, or choose another name.`,
      );
    }
    if (services.length >= quotas.services) {
      throw invalidParameter(`Services are limited to less than or equal to ${quotas.services}. Delete one first.`);
    }
    const now = context.clock.next();
    return await transaction
      .insertInto("service")
      .values({
        sid: newSid("ZS"),
        account_sid: principal.accountSid,
        unique_name: uniqueName,
        friendly_name: friendlyName,
        include_credentials: includeCredentials ? 1 : 0,
        ui_editable: uiEditable ? 1 : 0,
        domain_base: await chooseDomainBase(transaction, uniqueName),
        settings: null,
        created_at: now,
        updated_at: now,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
  });
  note(row.sid);
  return { status: 201, body: serviceReply(row, links) };
}

/** A key for some services may create only those. @throws ApiError 403 */
function requireMayCreate({ principal }: Call, uniqueName: string): void {
  if (!mayUse(principal, "", uniqueName)) requireService(principal, { sid: "", unique_name: uniqueName });
}

/** The name with four digits, as Twilio makes it, or with more if all of those are taken. */
async function chooseDomainBase(transaction: StoreTransaction, uniqueName: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const digits = String(randomInt(10 ** (attempt < 20 ? 4 : 5))).padStart(4, "0");
    const base = `${uniqueName.toLowerCase()}-${digits}`;
    const found = await transaction
      .selectFrom("service")
      .select("sid")
      .where("domain_base", "=", base)
      .executeTakeFirst();
    const label = await transaction
      .selectFrom("domain")
      .select("name")
      .where((row) => row.or([row("name", "=", base), row("name", "like", `${base}-%`)]))
      .executeTakeFirst();
    if (found === undefined && label === undefined) return base;
  }
}

async function updateService(call: Call): Promise<Reply> {
  const { context, form, links } = call;
  const service = await findService(call);
  const friendlyName = form.text("FriendlyName", { min: 1, max: maxFriendlyName });
  const includeCredentials = form.flag("IncludeCredentials");
  const uiEditable = form.flag("UiEditable");
  const row = await context.store
    .updateTable("service")
    .set({
      ...(friendlyName !== undefined && { friendly_name: friendlyName }),
      ...(includeCredentials !== undefined && { include_credentials: includeCredentials ? 1 : 0 }),
      ...(uiEditable !== undefined && { ui_editable: uiEditable ? 1 : 0 }),
      updated_at: context.clock.next(),
    })
    .where("sid", "=", service.sid)
    .returningAll()
    .executeTakeFirstOrThrow();
  if (row.include_credentials !== service.include_credentials) {
    const environments = await environmentsOf(call, service.sid);
    for (const sid of environments) context.deployer.changed(sid);
  }
  return { status: 200, body: serviceReply(row, links) };
}

async function deleteService(call: Call): Promise<Reply> {
  const { context } = call;
  const service = await findService(call);
  const environments = await context.store.transaction().execute(async (transaction) => {
    const rows = await transaction
      .selectFrom("environment")
      .select("sid")
      .where("service_sid", "=", service.sid)
      .execute();
    const sids = rows.map(({ sid }) => sid);
    await releaseDomains(transaction, sids, context.clock.next());
    // Builds refer to versions, so they go first. The rest goes with the service.
    await transaction.deleteFrom("build").where("service_sid", "=", service.sid).execute();
    await transaction.deleteFrom("service").where("sid", "=", service.sid).execute();
    return sids;
  });
  await Promise.all(environments.map((sid) => context.deployer.removed(sid)));
  return { status: 204 };
}

/** The names stay reserved for their account for some time. */
export async function releaseDomains(
  transaction: StoreTransaction,
  environments: readonly string[],
  now: number,
): Promise<void> {
  if (environments.length === 0) return;
  await transaction
    .updateTable("domain")
    .set({ environment_sid: null, released_at: now })
    .where("environment_sid", "in", environments)
    .execute();
}

async function environmentsOf({ context }: Call, serviceSid: string): Promise<string[]> {
  const rows = await context.store
    .selectFrom("environment")
    .select("sid")
    .where("service_sid", "=", serviceSid)
    .execute();
  return rows.map(({ sid }) => sid);
}
