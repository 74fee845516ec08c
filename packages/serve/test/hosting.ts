/** Starts a real server in a folder of its own, and asks its API. Each reply is judged by Twilio's description. */
import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { resolveServerSettings, resolveServicePolicy } from "@offhook/runtime/internal/host-settings";
import { removeTree } from "../src/artefacts/remove-tree.ts";
import { startServe, type ServeSettings } from "../src/serve.ts";
import { judge } from "./openapi.ts";
import { isolateUser } from "./server-users.ts";

export const accountSid = `AC${"a".repeat(32)}`;
export const authToken = "the-auth-token-of-the-account";

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined for an empty body. */
  // oxlint-disable-next-line typescript/no-explicit-any -- The description has judged it.
  readonly body: any;
}

export interface FunctionAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

type Fields = Readonly<Record<string, string | readonly string[]>>;

export interface Hosting {
  readonly settings: ServeSettings;
  readonly apiUrl: string;
  readonly port: number;
  /** `SK…:secret` of the first start. */
  readonly key: string;
  /** The names of the operations that were answered so far. */
  readonly operations: Set<string>;
  api(method: string, path: string, fields?: Fields, options?: ApiOptions): Promise<ApiAnswer>;
  upload(path: string, form: FormData, options?: ApiOptions): Promise<ApiAnswer>;
  /** A request to a function. @param domain the `domain_name` of an environment. */
  call(domain: string, path: string, options?: CallOptions): Promise<FunctionAnswer>;
  /** Asks the API under another host name. @returns the status. */
  apiUnder(host: string): Promise<number>;
  /** Asks about a name as a TLS proxy does. @returns the status. */
  tls(domain: string): Promise<number>;
  stop(): Promise<void>;
}

export interface ApiOptions {
  /** `user:secret`, or none. */
  readonly credentials?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface CallOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HostingOptions {
  /** An existing data folder. It is kept. */
  readonly dataFolder?: string;
  readonly settings?: Partial<ServeSettings>;
  /** The key of an earlier start. */
  readonly key?: string;
}

export async function startHosting(t: TestContext, options: HostingOptions = {}): Promise<Hosting> {
  const dataFolder = options.dataFolder ?? (await makeDataFolder(t));
  const settings = settingsFor(dataFolder, options.settings);
  // A folder of an earlier start has its account.
  const account = options.key === undefined ? { sid: accountSid, authToken } : undefined;
  const server = await startServe({ settings, account });
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    await server.stop();
  };
  t.after(stop);
  const { api, admin, firstStart } = server.control;
  const apiUrl = `http://127.0.0.1:${api.port}`;
  const key = firstStart === undefined ? (options.key ?? "") : `${firstStart.key}:${firstStart.secret}`;
  const operations = new Set<string>();
  const ask = async (
    method: string,
    path: string,
    body: FormData | URLSearchParams | undefined,
    given: ApiOptions,
  ): Promise<ApiAnswer> => {
    const credentials = "credentials" in given ? given.credentials : key;
    const response = await fetch(apiUrl + path, {
      method,
      ...(body !== undefined && { body }),
      headers: {
        ...(credentials !== undefined && { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` }),
        ...given.headers,
      },
    });
    const text = await response.text();
    const parsed: unknown = text === "" ? undefined : JSON.parse(text);
    const operation = judge(method, path.split("?")[0] ?? "", response.status, parsed);
    if (operation !== undefined) operations.add(operation);
    return { status: response.status, headers: response.headers, body: parsed };
  };
  return {
    settings,
    apiUrl,
    port: server.functions.port,
    key,
    operations,
    api(method, path, fields, given = {}) {
      return ask(method, path, fields && formOf(fields), given);
    },
    upload(path, form, given = {}) {
      return ask("POST", path, form, given);
    },
    call: (domain, path, given) => callFunction(server.functions.port, domain, path, given),
    async apiUnder(host) {
      const headers = { authorization: `Basic ${Buffer.from(key).toString("base64")}` };
      return (await callFunction(api.port, host, "/v1/Services", { headers })).status;
    },
    async tls(domain) {
      const { status } = await fetch(`http://127.0.0.1:${admin?.port}/tls?domain=${encodeURIComponent(domain)}`);
      return status;
    },
    stop,
  };
}

export async function makeDataFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "offhook-hosting-"));
  t.after(() => removeTree(folder));
  return folder;
}

function settingsFor(dataFolder: string, changes: Partial<ServeSettings> = {}): ServeSettings {
  return {
    dataFolder,
    server: resolveServerSettings({ flags: { port: "0", "isolate-user": isolateUser } }),
    policy: resolveServicePolicy({}),
    apiHost: "127.0.0.1",
    apiPort: 0,
    adminHost: "127.0.0.1",
    adminPort: undefined,
    baseDomain: "functions.example",
    publicScheme: "http",
    apiUrl: undefined,
    apiCors: undefined,
    allowsAccountToken: true,
    nodes: { node24: process.execPath, node22: process.execPath },
    isOffline: false,
    allowedScripts: [],
    logRetentionDays: 30,
    quotas: {
      services: Infinity,
      environmentsPerService: Infinity,
      functionVersionsPerBuild: Infinity,
      assetVersionsPerBuild: Infinity,
      buildsPerHour: Infinity,
      variableBytes: 450,
      requestsPerSecond: Infinity,
    },
    ...changes,
  };
}

function formOf(fields: Fields): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const each of typeof value === "string" ? [value] : value) form.append(name, each);
  }
  return form;
}

async function callFunction(
  port: number,
  domain: string,
  path: string,
  { method = "GET", headers = {}, body }: CallOptions = {},
): Promise<FunctionAnswer> {
  const answer = Promise.withResolvers<FunctionAnswer>();
  const request = httpRequest({ port, host: "127.0.0.1", path, method, headers: { host: domain, ...headers } });
  request.on("error", answer.reject);
  request.on("response", (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("error", answer.reject);
    response.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      answer.resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
    });
  });
  request.end(body);
  return await answer.promise;
}

/** A file of an upload. */
export interface NewVersion {
  readonly kind: "Functions" | "Assets";
  readonly path: string;
  readonly content: string;
  readonly visibility?: string;
  readonly type?: string;
}

/** Makes the resource and uploads a version. @returns the version's SID. */
export async function addVersion(hosting: Hosting, service: string, version: NewVersion): Promise<string> {
  const { kind, path } = version;
  const resource = await hosting.api("POST", `/v1/Services/${service}/${kind}`, { FriendlyName: path });
  assert.equal(resource.status, 201);
  const answer = await uploadVersion(hosting, service, resource.body.sid as string, version);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body.sid as string;
}

export async function uploadVersion(
  hosting: Hosting,
  service: string,
  resource: string,
  { kind, path, content, visibility = "public", type = "application/javascript" }: NewVersion,
): Promise<ApiAnswer> {
  const form = new FormData();
  form.append("Path", path);
  form.append("Visibility", visibility);
  form.append("Content", new Blob([content], { type }), path.split("/").at(-1) ?? "file");
  return await hosting.upload(`/v1/Services/${service}/${kind}/${resource}/Versions`, form);
}

/** Builds, and waits until it is completed or failed. */
export async function build(hosting: Hosting, service: string, fields: Fields): Promise<ApiAnswer> {
  const made = await hosting.api("POST", `/v1/Services/${service}/Builds`, fields);
  if (made.status !== 201) return made;
  const path = `/v1/Services/${service}/Builds/${made.body.sid}`;
  for (;;) {
    const { body } = await hosting.api("GET", `${path}/Status`);
    if (body.status !== "building") return await hosting.api("GET", path);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export interface Deployed {
  readonly service: string;
  readonly environment: string;
  readonly domain: string;
  readonly build: string;
}

/** A service with one environment that serves the versions. */
export async function deployNew(hosting: Hosting, name: string, versions: readonly NewVersion[]): Promise<Deployed> {
  const service = await hosting.api("POST", "/v1/Services", { UniqueName: name, FriendlyName: name });
  assert.equal(service.status, 201, JSON.stringify(service.body));
  const { sid } = service.body as { sid: string };
  const environment = await hosting.api("POST", `/v1/Services/${sid}/Environments`, {
    UniqueName: "dev-environment",
    DomainSuffix: "dev",
  });
  const made = await buildOf(hosting, sid, versions);
  const deployment = await hosting.api("POST", `/v1/Services/${sid}/Environments/${environment.body.sid}/Deployments`, {
    BuildSid: made,
  });
  assert.equal(deployment.status, 201, JSON.stringify(deployment.body));
  return { service: sid, environment: environment.body.sid, domain: environment.body.domain_name, build: made };
}

/** @returns the SID of a completed build. */
export async function buildOf(hosting: Hosting, service: string, versions: readonly NewVersion[]): Promise<string> {
  const sids = await Promise.all(versions.map((version) => addVersion(hosting, service, version)));
  const ofKind = (kind: NewVersion["kind"]): string[] => sids.filter((_, index) => versions[index]?.kind === kind);
  const made = await build(hosting, service, {
    FunctionVersions: ofKind("Functions"),
    AssetVersions: ofKind("Assets"),
  });
  assert.equal(made.body.status, "completed", JSON.stringify(made.body));
  return made.body.sid as string;
}
