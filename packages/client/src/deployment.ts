/** Deploys a project to an environment of a server. */
import { setTimeout as sleep } from "node:timers/promises";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { textOf, type ApiClient, type ApiRecord } from "./api-client.ts";
import type { Deployable, Upload } from "./deployable.ts";
import type { EnvironmentName } from "./environment-names.ts";

export interface DeploymentTarget {
  readonly service: string;
  readonly environment: EnvironmentName;
}

export interface DeploymentOptions {
  /** Removes variables of the environment that the project does not have. */
  readonly replacesVariables: boolean;
  /** `node22`. */
  readonly runtime: string | undefined;
  /** One line for people. */
  readonly report: (line: string) => void;
  /** Uploads of earlier deployments of this process. They are not sent again. */
  readonly uploaded: Map<string, string>;
}

export interface Deployment {
  readonly service: string;
  readonly serviceSid: string;
  readonly environment: string;
  readonly environmentSid: string;
  readonly buildSid: string;
  readonly deploymentSid: string;
  /** Of the environment, without a path. */
  readonly url: string;
  readonly functions: readonly DeployedUrl[];
  readonly assets: readonly DeployedUrl[];
}

interface DeployedUrl {
  readonly visibility: string;
  readonly url: string;
}

const firstPollMs = 50;
const maxPollMs = 1000;

/** @throws OffhookError `deployment-failed` with the server's reason. */
export async function deploy(
  client: ApiClient,
  { service: name, environment: named }: DeploymentTarget,
  deployable: Deployable,
  options: DeploymentOptions,
): Promise<Deployment> {
  const { report } = options;
  const service = await getOrCreateService(client, name);
  const path = `/v1/Services/${textOf(service, "sid")}`;
  const environment = await getOrCreateEnvironment(client, path, named);
  const environmentPath = `${path}/Environments/${textOf(environment, "sid")}`;
  report(`Uploading ${count(deployable.uploads.length, "file")} to ${name}, ${named.uniqueName}`);
  const versions = await uploadAll(client, path, deployable.uploads, options.uploaded);
  report(`Building with ${count(deployable.dependencies.length, "dependency", "dependencies")}`);
  const buildSid = await build(client, path, deployable, versions, options.runtime ?? deployable.runtime);
  const changes = await setVariables(client, environmentPath, deployable.variables, options.replacesVariables);
  if (changes.length > 0) report(`Variables: ${changes.join("; ")}`);
  const deployment = await client.post(`${environmentPath}/Deployments`, { BuildSid: buildSid });
  const url = environmentUrl(client, environment);
  const urlsOf = (kind: Upload["kind"]): DeployedUrl[] =>
    deployable.uploads
      .filter((each) => each.kind === kind && each.visibility !== "private")
      .map(({ path: served, visibility }) => ({ visibility, url: url + encodePath(served) }));
  return {
    service: name,
    serviceSid: textOf(service, "sid"),
    environment: named.uniqueName,
    environmentSid: textOf(environment, "sid"),
    buildSid,
    deploymentSid: textOf(deployment, "sid"),
    url,
    functions: urlsOf("function"),
    assets: urlsOf("asset"),
  };
}

/** @returns whether there was one. @throws OffhookError `deployment-failed` */
export async function deleteEnvironment(
  client: ApiClient,
  { service: name, environment: named }: DeploymentTarget,
): Promise<boolean> {
  const service = await client.find(`/v1/Services/${encodeURIComponent(name)}`);
  if (service === undefined) return false;
  const path = `/v1/Services/${textOf(service, "sid")}`;
  const environment = await findEnvironment(client, path, named);
  if (environment === undefined) return false;
  await client.delete(`${path}/Environments/${textOf(environment, "sid")}`);
  return true;
}

/**
 * @returns undefined if the service has none.
 * @throws OffhookError `deployment-failed` if a preview has the host name of another environment, or the reverse.
 */
async function findEnvironment(
  client: ApiClient,
  servicePath: string,
  { uniqueName, suffix }: EnvironmentName,
): Promise<ApiRecord | undefined> {
  const environments = await client.list(`${servicePath}/Environments`, "environments");
  const found = environments.find((each) => textOf(each, "domain_suffix") === suffix);
  const isPreview = (name: string): boolean => name.endsWith("-preview");
  if (found === undefined || isPreview(textOf(found, "unique_name")) === isPreview(uniqueName)) return found;
  throw new OffhookError(
    "deployment-failed",
    `The environment ${textOf(found, "unique_name")} has the suffix "${suffix}" already. Choose another name.`,
  );
}

/** The API does not say the scheme of functions. It is that of the API, unless the operator mixes them. */
function environmentUrl(client: ApiClient, environment: ApiRecord): string {
  return `${new URL(client.url).protocol}//${textOf(environment, "domain_name")}`;
}

function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

async function getOrCreateService(client: ApiClient, name: string): Promise<ApiRecord> {
  const found = await client.find(`/v1/Services/${encodeURIComponent(name)}`);
  if (found !== undefined) return found;
  return await client.post("/v1/Services", { UniqueName: name, FriendlyName: name, IncludeCredentials: "true" });
}

async function getOrCreateEnvironment(client: ApiClient, path: string, named: EnvironmentName): Promise<ApiRecord> {
  const found = await findEnvironment(client, path, named);
  if (found !== undefined) return found;
  const { uniqueName, suffix } = named;
  return await client.post(`${path}/Environments`, {
    UniqueName: uniqueName,
    ...(suffix !== "" && { DomainSuffix: suffix }),
  });
}

interface Versions {
  readonly functions: readonly string[];
  readonly assets: readonly string[];
}

async function uploadAll(
  client: ApiClient,
  path: string,
  uploads: readonly Upload[],
  uploaded: Map<string, string>,
): Promise<Versions> {
  const sidsOf = async (kind: Upload["kind"], list: string): Promise<string[]> => {
    const own = uploads.filter((each) => each.kind === kind);
    if (own.length === 0) return [];
    const missing = own.filter((each) => !uploaded.has(keyOf(path, each)));
    const resources = missing.length === 0 ? [] : await client.list(`${path}/${list}`, list.toLowerCase());
    const known = new Map(resources.map((each) => [textOf(each, "friendly_name"), textOf(each, "sid")]));
    const upload = async (each: Upload): Promise<void> => {
      const resource = known.get(each.path) ?? (await createResource(client, `${path}/${list}`, each));
      uploaded.set(keyOf(path, each), await uploadVersion(client, `${path}/${list}/${resource}`, each));
    };
    await Promise.all(missing.map(upload));
    return own.map((each) => uploaded.get(keyOf(path, each)) ?? "");
  };
  const [functions, assets] = await Promise.all([sidsOf("function", "Functions"), sidsOf("asset", "Assets")]);
  return { functions, assets };
}

function keyOf(path: string, { kind, path: served, visibility, sha256 }: Upload): string {
  return [path, kind, served, visibility, sha256].join(" ");
}

async function createResource(client: ApiClient, list: string, { path }: Upload): Promise<string> {
  return textOf(await client.post(list, { FriendlyName: path }), "sid");
}

async function uploadVersion(client: ApiClient, resource: string, upload: Upload): Promise<string> {
  const form = new FormData();
  form.append("Path", upload.path);
  form.append("Visibility", upload.visibility);
  const type = upload.kind === "function" ? "application/javascript" : "application/octet-stream";
  form.append("Content", new Blob([Buffer.from(upload.content)], { type }), upload.path.split("/").at(-1) ?? "file");
  return textOf(await client.upload(`${resource}/Versions`, form), "sid");
}

async function build(
  client: ApiClient,
  path: string,
  { dependencies }: Deployable,
  { functions, assets }: Versions,
  runtime: string | undefined,
): Promise<string> {
  const made = await client.post(`${path}/Builds`, {
    FunctionVersions: functions,
    AssetVersions: assets,
    Dependencies: JSON.stringify(dependencies),
    ...(runtime !== undefined && { Runtime: runtime }),
  });
  const sid = textOf(made, "sid");
  for (let waitMs = firstPollMs; ; waitMs = Math.min(waitMs * 2, maxPollMs)) {
    const status = textOf(await client.get(`${path}/Builds/${sid}/Status`), "status");
    if (status === "completed") return sid;
    if (status !== "building") {
      const how = `The server's operator sees the reason with \`offhook builds show ${sid}\`.`;
      throw new OffhookError("deployment-failed", `The build ${sid} has the status "${status}". ${how}`);
    }
    await sleep(waitMs);
  }
}

/** @returns what changed, by name and without values. */
async function setVariables(
  client: ApiClient,
  environmentPath: string,
  wanted: Readonly<Record<string, string>>,
  replaces: boolean,
): Promise<string[]> {
  const path = `${environmentPath}/Variables`;
  const present = new Map((await client.list(path, "variables")).map((each) => [textOf(each, "key"), each]));
  const sidOf = (key: string): string => textOf(present.get(key) ?? {}, "sid");
  const entries = Object.entries(wanted);
  const added = entries.filter(([key]) => !present.has(key));
  const changed = entries.filter(([key, value]) => present.has(key) && present.get(key)?.["value"] !== value);
  const removed = replaces ? [...present.keys()].filter((key) => !Object.hasOwn(wanted, key)) : [];
  await Promise.all([
    ...added.map(([Key, Value]) => client.post(path, { Key, Value })),
    ...changed.map(([key, Value]) => client.post(`${path}/${sidOf(key)}`, { Value })),
    ...removed.map((key) => client.delete(`${path}/${sidOf(key)}`)),
  ]);
  const named = (word: string, keys: readonly string[]): string[] =>
    keys.length === 0 ? [] : [`${word} ${keys.join(", ")}`];
  return [
    ...named(
      "added",
      added.map(([key]) => key),
    ),
    ...named(
      "changed",
      changed.map(([key]) => key),
    ),
    ...named("removed", removed),
  ];
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
