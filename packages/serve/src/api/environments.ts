/** Operations on environments (contract rows 157 to 159). */
import type { Row } from "../store/schema.ts";
import { domainLabelOf, maxLabelLength, reservationMs } from "../store/domain-names.ts";
import { newSid } from "../store/sids.ts";
import { nextRevision, type StoreTransaction } from "../store/store.ts";
import { conflict, invalidParameter } from "../api-error.ts";
import { findEnvironment, findService } from "./lookup.ts";
import type { Call, Operation, Reply } from "./operation.ts";
import { listReply, pageOf } from "./paging.ts";
import { environmentReply } from "./replies.ts";
import { releaseDomains } from "./services.ts";

const maxUniqueName = 100;
const maxSuffix = 16;

export const environmentOperations: readonly Operation[] = [
  {
    id: "ListEnvironments",
    method: "GET",
    path: "/v1/Services/:service/Environments",
    run: async (call) => {
      const service = await findService(call);
      return await listReply(call, {
        key: "environments",
        path: `/v1/Services/${service.sid}/Environments`,
        rows: (page) =>
          pageOf(
            call.context.store.selectFrom("environment").selectAll().where("service_sid", "=", service.sid),
            "environment",
            page,
          ).execute(),
        placeOf: ({ created_at: at, sid }) => ({ at, sid }),
        replyOf: (row) => replyOf(call, row, service),
      });
    },
  },
  {
    id: "CreateEnvironment",
    method: "POST",
    path: "/v1/Services/:service/Environments",
    run: createEnvironment,
  },
  {
    id: "FetchEnvironment",
    method: "GET",
    path: "/v1/Services/:service/Environments/:environment",
    run: async (call) => {
      const service = await findService(call);
      return { status: 200, body: replyOf(call, await findEnvironment(call, service), service) };
    },
  },
  {
    id: "DeleteEnvironment",
    method: "DELETE",
    path: "/v1/Services/:service/Environments/:environment",
    run: deleteEnvironment,
  },
];

function replyOf(call: Call, row: Row<"environment">, service: Row<"service">): object {
  return environmentReply(row, service, call.context.settings.baseDomain, call.links);
}

async function createEnvironment(call: Call): Promise<Reply> {
  const { context, form, note } = call;
  const service = await findService(call);
  const uniqueName = form.required("UniqueName", { max: maxUniqueName });
  const suffix = form.text("DomainSuffix", {
    max: maxSuffix,
    pattern: /^[A-Za-z0-9-]*$/,
    allowed: "letters, digits and dashes",
  });
  // Clients look for the suffix as they sent it. Host names have no case, so two suffixes must differ otherwise.
  const domainSuffix = suffix ?? "";
  if (domainSuffix.endsWith("-")) {
    throw invalidParameter("DomainSuffix must not end with a dash, because it ends the first part of a host name.");
  }
  const label = domainLabelOf(service.domain_base, domainSuffix);
  if (label.length > maxLabelLength) {
    const excess = label.length - maxLabelLength;
    throw invalidParameter(
      `The host name would begin with ${label}, which is ${excess} characters longer than the ${maxLabelLength} that a host name allows. Use a shorter DomainSuffix, or a service with a shorter name.`,
    );
  }
  const row = await context.store.transaction().execute(async (transaction) => {
    await refuseTaken(call, transaction, service, { uniqueName, domainSuffix });
    const now = context.clock.next();
    const created = await transaction
      .insertInto("environment")
      .values({
        sid: newSid("ZE"),
        account_sid: service.account_sid,
        service_sid: service.sid,
        unique_name: uniqueName,
        domain_suffix: domainSuffix,
        build_sid: null,
        deployment_sid: null,
        revision: await nextRevision(transaction),
        created_at: now,
        updated_at: now,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    await claimLabel(transaction, label, created, now);
    return created;
  });
  note(row.sid);
  return { status: 201, body: replyOf(call, row, service) };
}

/** @throws ApiError 409, 400 */
async function refuseTaken(
  { context }: Call,
  transaction: StoreTransaction,
  service: Row<"service">,
  { uniqueName, domainSuffix }: { readonly uniqueName: string; readonly domainSuffix: string },
): Promise<void> {
  const environments = await transaction
    .selectFrom("environment")
    .select(["sid", "unique_name", "domain_suffix"])
    .where("service_sid", "=", service.sid)
    .execute();
  const byName = environments.find((each) => each.unique_name === uniqueName);
  if (byName !== undefined) throw conflict(`UniqueName ${uniqueName} is taken by the environment ${byName.sid}.`);
  const bySuffix = environments.find((each) => each.domain_suffix.toLowerCase() === domainSuffix.toLowerCase());
  if (bySuffix !== undefined) {
    const what = domainSuffix === "" ? "The empty DomainSuffix" : `DomainSuffix ${domainSuffix}`;
    throw conflict(`${what} is taken by the environment ${bySuffix.unique_name} (${bySuffix.sid}).`);
  }
  const { environmentsPerService: max } = context.settings.quotas;
  if (environments.length >= max) {
    throw invalidParameter(`Environments are limited to less than or equal to ${max} in a service. Delete one first.`);
  }
}

/** @throws ApiError 409 if another environment has the name, or another account had it until lately. */
async function claimLabel(
  transaction: StoreTransaction,
  label: string,
  environment: Row<"environment">,
  now: number,
): Promise<void> {
  const found = await transaction.selectFrom("domain").selectAll().where("name", "=", label).executeTakeFirst();
  if (found !== undefined) {
    const isReserved =
      found.environment_sid !== null ||
      (found.account_sid !== environment.account_sid && (found.released_at ?? 0) > now - reservationMs);
    if (isReserved) throw conflict(`The host name ${label} is taken. Use another DomainSuffix.`);
    await transaction.deleteFrom("domain").where("name", "=", label).execute();
  }
  await transaction
    .insertInto("domain")
    .values({
      name: label,
      account_sid: environment.account_sid,
      environment_sid: environment.sid,
      kind: "own",
      proof: null,
      verified_at: now,
      released_at: null,
      created_at: now,
    })
    .execute();
}

async function deleteEnvironment(call: Call): Promise<Reply> {
  const { context } = call;
  const environment = await findEnvironment(call, await findService(call));
  await context.store.transaction().execute(async (transaction) => {
    await releaseDomains(transaction, [environment.sid], context.clock.next());
    await transaction.deleteFrom("environment").where("sid", "=", environment.sid).execute();
  });
  await context.deployer.removed(environment.sid);
  return { status: 204 };
}
