/** Operations on functions and assets: names with versions. Both kinds have the same operations. */
import type { ResourceKind } from "../store/schema.ts";
import { newSid } from "../store/sids.ts";
import { invalidParameter } from "../api-error.ts";
import { findResource, findService } from "./lookup.ts";
import type { Call, Operation, Reply } from "./operation.ts";
import { listReply, pageOf } from "./paging.ts";
import { resourceReply } from "./replies.ts";

const maxFriendlyName = 255;

export const resourceOperations: readonly Operation[] = [
  ...operationsOf("function", "Function", "functions"),
  ...operationsOf("asset", "Asset", "assets"),
];

function operationsOf(kind: ResourceKind, name: string, key: "functions" | "assets"): Operation[] {
  const path = `/v1/Services/:service/${name}s`;
  return [
    {
      id: `List${name}s`,
      method: "GET",
      path,
      run: async (call) => {
        const service = await findService(call);
        return await listReply(call, {
          key,
          path: `/v1/Services/${service.sid}/${name}s`,
          rows: (page) =>
            pageOf(
              call.context.store
                .selectFrom("resource")
                .selectAll()
                .where("service_sid", "=", service.sid)
                .where("kind", "=", kind),
              "resource",
              page,
            ).execute(),
          placeOf: ({ created_at: at, sid }) => ({ at, sid }),
          replyOf: (row) => resourceReply(row, service.account_sid, call.links),
        });
      },
    },
    { id: `Create${name}`, method: "POST", path, run: (call) => createResource(call, kind) },
    {
      id: `Fetch${name}`,
      method: "GET",
      path: `${path}/:resource`,
      run: async (call) => {
        const service = await findService(call);
        const row = await findResource(call, service, kind);
        return { status: 200, body: resourceReply(row, service.account_sid, call.links) };
      },
    },
    { id: `Update${name}`, method: "POST", path: `${path}/:resource`, run: (call) => updateResource(call, kind) },
    { id: `Delete${name}`, method: "DELETE", path: `${path}/:resource`, run: (call) => deleteResource(call, kind) },
  ];
}

async function createResource(call: Call, kind: ResourceKind): Promise<Reply> {
  const { context, form, links, note } = call;
  const service = await findService(call);
  const friendlyName = form.required("FriendlyName", { max: maxFriendlyName });
  const now = context.clock.next();
  const row = await context.store
    .insertInto("resource")
    .values({
      sid: newSid("ZH"),
      service_sid: service.sid,
      kind,
      friendly_name: friendlyName,
      created_at: now,
      updated_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  note(row.sid);
  return { status: 201, body: resourceReply(row, service.account_sid, links) };
}

async function updateResource(call: Call, kind: ResourceKind): Promise<Reply> {
  const { context, form, links } = call;
  const service = await findService(call);
  const resource = await findResource(call, service, kind);
  const friendlyName = form.required("FriendlyName", { max: maxFriendlyName });
  const row = await context.store
    .updateTable("resource")
    .set({ friendly_name: friendlyName, updated_at: context.clock.next() })
    .where("sid", "=", resource.sid)
    .returningAll()
    .executeTakeFirstOrThrow();
  return { status: 200, body: resourceReply(row, service.account_sid, links) };
}

/** Builds that nobody serves lose the versions. What is served stays (contract row 168). */
async function deleteResource(call: Call, kind: ResourceKind): Promise<Reply> {
  const { context } = call;
  const service = await findService(call);
  const resource = await findResource(call, service, kind);
  await context.store.transaction().execute(async (transaction) => {
    const uses = await transaction
      .selectFrom("build_version")
      .innerJoin("version", "version.sid", "build_version.version_sid")
      .innerJoin("environment", "environment.build_sid", "build_version.build_sid")
      .select(["environment.unique_name", "environment.deployment_sid", "build_version.build_sid"])
      .where("version.resource_sid", "=", resource.sid)
      .execute();
    const [use] = uses;
    if (use !== undefined) {
      throw invalidParameter(
        `Cannot delete the ${kind} because it is part of the build ${use.build_sid}, which the environment ${use.unique_name} serves (deployment ${use.deployment_sid}). Deploy a build without it first.`,
      );
    }
    const versions = transaction.selectFrom("version").select("sid").where("resource_sid", "=", resource.sid);
    await transaction.deleteFrom("build_version").where("version_sid", "in", versions).execute();
    await transaction.deleteFrom("resource").where("sid", "=", resource.sid).execute();
  });
  return { status: 204 };
}
