/** Makes the description of an environment for the gateway, from the rows of the database. */
import { join } from "node:path";
import type { ArtefactStore } from "../artefacts/artefact-store.ts";
import { fileOf } from "../builds/layout.ts";
import type { TenantSpec } from "../link/messages.ts";
import type { MasterKey } from "../secrets/sealing.ts";
import type { Row } from "../store/schema.ts";
import { readSettingsAsset } from "../store/settings-asset.ts";
import type { Store } from "../store/store.ts";

export interface SpecSources {
  readonly store: Store;
  readonly masterKey: MasterKey;
  readonly artefacts: ArtefactStore;
  /** May end with a port. */
  readonly baseDomain: string;
}

interface Served {
  readonly build: Row<"build">;
  readonly deploymentSid: string;
  /** Absolute path of the build's files. */
  readonly folder: string;
}

/** @throws if a row is missing, or if a value was sealed with another master key. */
export async function tenantSpecOf(
  sources: SpecSources,
  environment: Row<"environment">,
  { build, deploymentSid, folder }: Served,
): Promise<TenantSpec> {
  const { store, masterKey } = sources;
  const service = await store
    .selectFrom("service")
    .selectAll()
    .where("sid", "=", environment.service_sid)
    .executeTakeFirstOrThrow();
  const account = await store
    .selectFrom("account")
    .selectAll()
    .where("sid", "=", environment.account_sid)
    .executeTakeFirstOrThrow();
  const authToken = masterKey.open("auth-token", [account.sid], account.auth_token);
  const credentials = service.include_credentials === 1 ? { ACCOUNT_SID: account.sid, AUTH_TOKEN: authToken } : {};
  return {
    ...(await contentOf(sources, build, folder)),
    accountSid: account.sid,
    serviceSid: service.sid,
    environmentSid: environment.sid,
    deploymentSid,
    hosts: await hostsOf(sources, environment),
    variables: { ...credentials, ...(await variablesOf(sources, environment)) },
    authToken,
    settings: {
      deployment: await deployedSettings(sources, build),
      operator:
        service.settings === null ? undefined : { values: parse(service.settings), name: "the service's settings" },
    },
  };
}

/** The tenant of a build's health check has no variables, and a host name that nobody can ask for. */
export async function examinedSpecOf(sources: SpecSources, build: Row<"build">, folder: string): Promise<TenantSpec> {
  return {
    ...(await contentOf(sources, build, folder)),
    accountSid: build.account_sid,
    serviceSid: build.service_sid,
    environmentSid: build.sid,
    deploymentSid: build.sid,
    hosts: [`${build.sid.toLowerCase()}.invalid`],
    variables: {},
    authToken: "",
    settings: { deployment: await deployedSettings(sources, build), operator: undefined },
  };
}

async function contentOf(
  { store }: SpecSources,
  build: Row<"build">,
  folder: string,
): Promise<Pick<TenantSpec, "buildSid" | "folder" | "runtime" | "functions" | "assets">> {
  const versions = await versionsOf(store, build.sid);
  const place = (version: Row<"version">): string => join(folder, fileOf(version));
  return {
    buildSid: build.sid,
    folder,
    runtime: build.runtime,
    functions: versions
      .filter(({ kind }) => kind === "function")
      .map((version) => ({
        kind: "function",
        sid: version.resource_sid,
        path: version.path,
        name: version.path.slice(1),
        file: place(version),
        visibility: version.visibility,
      })),
    assets: versions
      .filter(({ kind }) => kind === "asset")
      .map((version) => ({
        kind: "asset",
        path: version.path,
        file: place(version),
        visibility: version.visibility,
      })),
  };
}

async function versionsOf(store: Store, buildSid: string): Promise<Row<"version">[]> {
  return await store
    .selectFrom("build_version")
    .innerJoin("version", "version.sid", "build_version.version_sid")
    .selectAll("version")
    .where("build_version.build_sid", "=", buildSid)
    .execute();
}

async function deployedSettings(
  { store, artefacts }: SpecSources,
  build: Row<"build">,
): Promise<TenantSpec["settings"]["deployment"]> {
  const values = await readSettingsAsset(artefacts, await versionsOf(store, build.sid));
  return values && { values, name: "offhook.json" };
}

/** The environment's own name first: functions see it as their domain. */
async function hostsOf({ store, baseDomain }: SpecSources, environment: Row<"environment">): Promise<string[]> {
  const rows = await store
    .selectFrom("domain")
    .select(["name", "kind"])
    .where("environment_sid", "=", environment.sid)
    .where("verified_at", "is not", null)
    .orderBy("created_at")
    .execute();
  const own = rows.filter(({ kind }) => kind === "own").map(({ name }) => `${name}.${baseDomain}`);
  // Names below the base domain are those of environments, whatever somebody has claimed.
  const custom = rows.filter(({ kind, name }) => kind === "custom" && !name.endsWith(`.${baseDomain}`));
  return [...own, ...custom.map(({ name }) => name)];
}

async function variablesOf(
  { store, masterKey }: SpecSources,
  environment: Row<"environment">,
): Promise<Record<string, string>> {
  const rows = await store.selectFrom("variable").selectAll().where("environment_sid", "=", environment.sid).execute();
  return Object.fromEntries(
    rows.map(({ sid, key, value }) => [key, masterKey.open("variable", [environment.sid, sid], value)]),
  );
}

function parse(settings: string): Record<string, unknown> {
  return JSON.parse(settings) as Record<string, unknown>;
}
