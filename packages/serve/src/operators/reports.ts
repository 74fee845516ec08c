/** Reports for operators: the state of the server, its builds, its domains, and the audit. */
import { stat } from "node:fs/promises";
import { servingProcess } from "./data-folder.ts";
import { databaseIn, unknownRecord, type Office } from "./office.ts";

export interface ServerStatus {
  readonly dataFolder: string;
  /** Process id. Null: no server runs. */
  readonly running: number | null;
  readonly databaseBytes: number;
  readonly accounts: number;
  readonly services: number;
  readonly environments: number;
  /** Environments with a build. */
  readonly deployed: number;
  readonly buildsWaiting: number;
}

export async function readStatus({ folder, store }: Office): Promise<ServerStatus> {
  const count = async (table: "account" | "service" | "environment"): Promise<number> => {
    const row = await store
      .selectFrom(table)
      .select((each) => each.fn.countAll<number>().as("n"))
      .executeTakeFirst();
    return row?.n ?? 0;
  };
  const deployed = await store
    .selectFrom("environment")
    .select((row) => row.fn.countAll<number>().as("n"))
    .where("build_sid", "is not", null)
    .executeTakeFirst();
  const waiting = await store
    .selectFrom("build")
    .select((row) => row.fn.countAll<number>().as("n"))
    .where("status", "=", "building")
    .executeTakeFirst();
  return {
    dataFolder: folder,
    running: (await servingProcess(folder)) ?? null,
    databaseBytes: (await stat(databaseIn(folder))).size,
    accounts: await count("account"),
    services: await count("service"),
    environments: await count("environment"),
    deployed: deployed?.n ?? 0,
    buildsWaiting: waiting?.n ?? 0,
  };
}

export interface BuildSummary {
  readonly sid: string;
  readonly service: string;
  readonly status: string;
  readonly runtime: string;
  /** Why it failed. */
  readonly reason: string | null;
  readonly created: string;
}

export async function listBuilds({ store }: Office, service: string | undefined): Promise<BuildSummary[]> {
  const all = store
    .selectFrom("build")
    .innerJoin("service", "service.sid", "build.service_sid")
    .select(["build.sid", "service.unique_name", "build.status", "build.runtime", "build.reason", "build.created_at"]);
  const chosen =
    service === undefined
      ? all
      : all.where((row) => row.or([row("service.sid", "=", service), row("service.unique_name", "=", service)]));
  const rows = await chosen.orderBy("build.created_at", "desc").orderBy("build.sid").limit(1000).execute();
  return rows.map((row) => ({
    sid: row.sid,
    service: row.unique_name,
    status: row.status,
    runtime: row.runtime,
    reason: row.reason,
    created: timeText(row.created_at),
  }));
}

export interface BuildReport extends BuildSummary {
  readonly warnings: unknown;
  readonly files: readonly { readonly path: string; readonly kind: string; readonly visibility: string }[];
  readonly dependencies: readonly {
    readonly name: string;
    readonly requested: string;
    readonly resolved: string | null;
  }[];
  /** Names of the environments that serve it. */
  readonly environments: readonly string[];
}

/** @throws OffhookError `record-unknown`. */
export async function readBuild(office: Office, sid: string): Promise<BuildReport> {
  const { store } = office;
  const row = await store
    .selectFrom("build")
    .innerJoin("service", "service.sid", "build.service_sid")
    .selectAll("build")
    .select("service.unique_name")
    .where("build.sid", "=", sid)
    .executeTakeFirst();
  if (row === undefined) throw unknownRecord("build", sid);
  const files = await store
    .selectFrom("build_version")
    .innerJoin("version", "version.sid", "build_version.version_sid")
    .select(["version.path", "version.kind", "version.visibility"])
    .where("build_sid", "=", sid)
    .orderBy("version.path")
    .execute();
  const dependencies = await store
    .selectFrom("build_dependency")
    .select(["name", "requested", "resolved"])
    .where("build_sid", "=", sid)
    .orderBy("name")
    .execute();
  const environments = await store
    .selectFrom("environment")
    .select("unique_name")
    .where("build_sid", "=", sid)
    .execute();
  return {
    sid,
    service: row.unique_name,
    status: row.status,
    runtime: row.runtime,
    reason: row.reason,
    created: timeText(row.created_at),
    warnings: row.warnings === null ? [] : (JSON.parse(row.warnings) as unknown),
    files,
    dependencies,
    environments: environments.map(({ unique_name: name }) => name),
  };
}

export interface DomainSummary {
  readonly name: string;
  readonly environment: string | null;
  readonly kind: string;
  readonly state: "served" | "unverified" | "released";
}

export async function listDomains({ store }: Office): Promise<DomainSummary[]> {
  const rows = await store.selectFrom("domain").selectAll().orderBy("name").execute();
  return rows.map((row) => ({
    name: row.name,
    environment: row.environment_sid,
    kind: row.kind,
    state:
      row.environment_sid === null
        ? "released"
        : row.kind === "custom" && row.verified_at === null
          ? "unverified"
          : "served",
  }));
}

export interface AuditEntry {
  readonly time: string;
  readonly account: string | null;
  readonly actor: string;
  readonly address: string;
  readonly userAgent: string;
  readonly operation: string;
  readonly sids: unknown;
  readonly status: number;
}

/** Newest first. */
export async function listAudit({ store }: Office, limit: number): Promise<AuditEntry[]> {
  const rows = await store.selectFrom("audit").selectAll().orderBy("id", "desc").limit(limit).execute();
  return rows.map((row) => ({
    time: timeText(row.at),
    account: row.account_sid,
    actor: row.actor,
    address: row.address,
    userAgent: row.user_agent,
    operation: row.operation,
    sids: JSON.parse(row.sids) as unknown,
    status: row.status,
  }));
}

function timeText(time: number): string {
  return new Date(time).toISOString();
}
