/** Operations on builds (contract rows 163 to 168). They refuse a build that would fail later, with the reason. */
import { sql } from "kysely";
import { resolveServiceSettings } from "@offhook/runtime/internal/host-settings";
import type { RequestedDependency } from "../builds/builder.ts";
import { parseDependencies } from "../builds/dependency-rules.ts";
import type { Row } from "../store/schema.ts";
import { newSid } from "../store/sids.ts";
import { readSettingsAsset } from "../store/settings-asset.ts";
import { ApiError, invalidParameter } from "../api-error.ts";
import type { ApiContext } from "./api-context.ts";
import { findBuild, findService } from "./lookup.ts";
import type { Call, Operation, Reply } from "./operation.ts";
import { listReply, pageOf } from "./paging.ts";
import { buildReply, buildStatusReply } from "./replies.ts";

const hourMs = 60 * 60_000;
const maxListedSids = 5;

export const buildOperations: readonly Operation[] = [
  {
    id: "ListBuilds",
    method: "GET",
    path: "/v1/Services/:service/Builds",
    run: async (call) => {
      const service = await findService(call);
      const contents = new Map<string, BuildContent>();
      return await listReply(call, {
        key: "builds",
        path: `/v1/Services/${service.sid}/Builds`,
        rows: async (page) => {
          const query = call.context.store.selectFrom("build").selectAll().where("service_sid", "=", service.sid);
          const rows = await pageOf(query, "build", page).execute();
          for (const row of rows) contents.set(row.sid, await contentOf(call, row.sid));
          return rows;
        },
        placeOf: ({ created_at: at, sid }) => ({ at, sid }),
        replyOf: (row) => buildReply(row, contents.get(row.sid) ?? { versions: [], dependencies: [] }, call.links),
      });
    },
  },
  { id: "CreateBuild", method: "POST", path: "/v1/Services/:service/Builds", run: createBuild },
  {
    id: "FetchBuild",
    method: "GET",
    path: "/v1/Services/:service/Builds/:build",
    run: async (call) => {
      const row = await findBuild(call, await findService(call));
      return { status: 200, body: buildReply(row, await contentOf(call, row.sid), call.links) };
    },
  },
  { id: "DeleteBuild", method: "DELETE", path: "/v1/Services/:service/Builds/:build", run: deleteBuild },
  {
    id: "FetchBuildStatus",
    method: "GET",
    path: "/v1/Services/:service/Builds/:build/Status",
    run: async (call) => ({
      status: 200,
      body: buildStatusReply(await findBuild(call, await findService(call)), call.links),
    }),
  },
];

interface BuildContent {
  readonly versions: readonly Row<"version">[];
  readonly dependencies: readonly Row<"build_dependency">[];
}

async function contentOf({ context: { store } }: Call, buildSid: string): Promise<BuildContent> {
  const versions = await store
    .selectFrom("build_version")
    .innerJoin("version", "version.sid", "build_version.version_sid")
    .selectAll("version")
    .where("build_version.build_sid", "=", buildSid)
    .orderBy("version.path")
    .execute();
  const dependencies = await store
    .selectFrom("build_dependency")
    .selectAll()
    .where("build_sid", "=", buildSid)
    .orderBy("name")
    .execute();
  return { versions, dependencies };
}

async function createBuild(call: Call): Promise<Reply> {
  const { context, links, note } = call;
  const service = await findService(call);
  await refuseTooMany(call, service);
  const versions = await readVersions(call, service);
  const previous = await previousBuild(call, service.sid);
  const runtime = readRuntime(call, previous);
  const requested = await readDependencies(call, previous);
  const { builder, store, clock } = context;
  const { lockHash, dependencies } = await builder.resolve({
    accountSid: service.account_sid,
    serviceSid: service.sid,
    dependencies: requested,
    runtime,
  });
  const row = await store.transaction().execute(async (transaction) => {
    const now = clock.next();
    const build = await transaction
      .insertInto("build")
      .values({
        sid: newSid("ZB"),
        account_sid: service.account_sid,
        service_sid: service.sid,
        status: "building",
        runtime,
        lock_hash: lockHash,
        reason: null,
        warnings: null,
        claimed_until: null,
        created_at: now,
        updated_at: now,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    for (const { sid } of versions) {
      await transaction.insertInto("build_version").values({ build_sid: build.sid, version_sid: sid }).execute();
    }
    for (const { name, version, resolved } of dependencies) {
      await transaction
        .insertInto("build_dependency")
        .values({ build_sid: build.sid, name, requested: version, resolved })
        .execute();
    }
    return build;
  });
  note(row.sid);
  builder.wake();
  return { status: 201, body: buildReply(row, await contentOf(call, row.sid), links) };
}

/** @throws ApiError 429 */
async function refuseTooMany({ context }: Call, service: Row<"service">): Promise<void> {
  const { buildsPerHour: max } = context.settings.quotas;
  if (max === Infinity) return;
  const { count } = await context.store
    .selectFrom("build")
    .select(sql<number>`count(*)`.as("count"))
    .where("account_sid", "=", service.account_sid)
    .where("created_at", ">", Date.now() - hourMs)
    .executeTakeFirstOrThrow();
  if (count < max) return;
  const message = `Builds are limited to ${max} in an hour. Try again later.`;
  throw new ApiError({ status: 429, code: 20429, message, retryAfter: 60 });
}

/** @throws ApiError 400 */
async function readVersions({ context, form }: Call, service: Row<"service">): Promise<Row<"version">[]> {
  const functions = new Set(form.list("FunctionVersions"));
  const assets = new Set(form.list("AssetVersions"));
  if (functions.size + assets.size === 0) {
    throw invalidParameter("At least one Function Version or Asset Version is required for Build.");
  }
  const { quotas } = context.settings;
  refuseMore("FunctionVersions", functions.size, quotas.functionVersionsPerBuild);
  refuseMore("AssetVersions", assets.size, quotas.assetVersionsPerBuild);
  const rows = await context.store
    .selectFrom("version")
    .selectAll()
    .where("service_sid", "=", service.sid)
    // One parameter for any number of SIDs, since a statement may have only so many.
    .where("sid", "in", sql<string>`(select value from json_each(${JSON.stringify([...functions, ...assets])}))`)
    .execute();
  const kinds = new Map(rows.map(({ sid, kind }) => [sid, kind]));
  refuseUnknown(
    "FunctionVersions",
    [...functions].filter((sid) => kinds.get(sid) !== "function"),
  );
  refuseUnknown(
    "AssetVersions",
    [...assets].filter((sid) => kinds.get(sid) !== "asset"),
  );
  refuseSamePath(rows);
  await refuseSettings(context, rows);
  return rows;
}

function refuseMore(name: string, count: number, max: number): void {
  if (count <= max) return;
  throw invalidParameter(`${name} may have at most ${max} entries on this server, and this build has ${count}.`);
}

function refuseUnknown(name: string, sids: readonly string[]): void {
  if (sids.length === 0) return;
  const listed = sids.slice(0, maxListedSids).map((sid) => sid.slice(0, 100));
  throw invalidParameter(`${name} names what is no version of this service: ${listed.join(", ")}. Upload it first.`);
}

/** Functions and assets share one name space. */
function refuseSamePath(rows: readonly Row<"version">[]): void {
  const byPath = new Map<string, Row<"version">>();
  for (const row of rows) {
    const other = byPath.get(row.path);
    if (other !== undefined) {
      throw invalidParameter(
        `Two versions have the path ${row.path}: the ${other.kind} version ${other.sid} and the ${row.kind} version ${row.sid}. Rename or leave out one of them.`,
      );
    }
    byPath.set(row.path, row);
  }
  // Assets are laid out under their paths, so none can be the folder of another.
  for (const { kind, path } of rows) {
    const parts = kind === "asset" ? path.split("/").slice(1, -1) : [];
    for (const at of parts.keys()) {
      const folder = byPath.get(`/${parts.slice(0, at + 1).join("/")}`);
      if (folder?.kind === "asset") {
        throw invalidParameter(`The asset ${folder.path} cannot also be the folder of ${path}. Rename one of them.`);
      }
    }
  }
}

/** A private asset `/offhook.json` has the service's settings. @throws ApiError 400 */
async function refuseSettings({ artefacts, settings }: ApiContext, rows: readonly Row<"version">[]): Promise<void> {
  try {
    const values = await readSettingsAsset(artefacts, rows);
    if (values !== undefined) resolveServiceSettings(settings.policy, { deployment: { values, name: "offhook.json" } });
  } catch (error) {
    throw invalidParameter(`The asset /offhook.json is refused. ${(error as Error).message}`);
  }
}

async function previousBuild({ context }: Call, serviceSid: string): Promise<Row<"build"> | undefined> {
  return await context.store
    .selectFrom("build")
    .selectAll()
    .where("service_sid", "=", serviceSid)
    .where("status", "=", "completed")
    .orderBy("created_at", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** @throws ApiError 400 */
function readRuntime({ context, form }: Call, previous: Row<"build"> | undefined): string {
  const { runtimes } = context.builder;
  const asked = form.text("Runtime", { max: 50 });
  if (asked === undefined || asked === "") {
    const kept = previous?.runtime;
    return kept !== undefined && runtimes.includes(kept) ? kept : (runtimes[0] ?? "node22");
  }
  if (runtimes.includes(asked)) return asked;
  throw invalidParameter(
    `Runtime ${asked} is not available on this server. It has: ${runtimes.join(", ")}. Set the Node version of the project, or ask the operator to add it with --node.`,
  );
}

/** Absent: those of the last completed build (contract §10.4). */
async function readDependencies(call: Call, previous: Row<"build"> | undefined): Promise<RequestedDependency[]> {
  const text = call.form.text("Dependencies");
  if (text !== undefined && text !== "") return parseDependencies(text);
  if (text !== undefined || previous === undefined) return [];
  const { dependencies } = await contentOf(call, previous.sid);
  return dependencies.map(({ name, requested }) => ({ name, version: requested }));
}

async function deleteBuild(call: Call): Promise<Reply> {
  const { context } = call;
  const build = await findBuild(call, await findService(call));
  await context.store.transaction().execute(async (transaction) => {
    const use = await transaction
      .selectFrom("environment")
      .select(["unique_name", "deployment_sid"])
      .where("build_sid", "=", build.sid)
      .executeTakeFirst();
    if (use !== undefined) {
      throw invalidParameter(
        `Cannot delete Build because it's part of an active Deployment. The environment ${use.unique_name} serves it (deployment ${use.deployment_sid}). Deploy another build there first.`,
      );
    }
    await transaction.deleteFrom("build").where("sid", "=", build.sid).execute();
  });
  return { status: 204 };
}
