/** The parts of a project that are deployed: files, variables, dependencies and settings. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { readJsonFile } from "@offhook/runtime/internal/json-file";
import { loadProject, type Project } from "@offhook/runtime/project";
import type { Visibility } from "@offhook/runtime/service";
import { settingRows, type Settings } from "@offhook/runtime/settings";
import { codeFor } from "./deployed-code.ts";

export interface Upload {
  readonly kind: "function" | "asset";
  /** The URL path. */
  readonly path: string;
  readonly visibility: Visibility;
  readonly content: Uint8Array;
  readonly sha256: string;
}

export interface Deployable {
  readonly project: Project;
  /** The service's name if the author names none. */
  readonly name: string;
  /** Sorted by path. */
  readonly uploads: readonly Upload[];
  readonly variables: Readonly<Record<string, string>>;
  readonly dependencies: readonly { readonly name: string; readonly version: string }[];
  /** `node22`. Undefined if the server chooses. */
  readonly runtime: string | undefined;
}

export type DeployableOptions = Pick<
  Settings,
  "env" | "functionsFolder" | "assetsFolder" | "assetLimit" | "privateAssetLimit"
>;

/** The server has the account's own. */
const accountVariables = new Set(["ACCOUNT_SID", "AUTH_TOKEN"]);
/** They name places in the project. A build has its own. */
const placeSettings = new Set(["env", "functionsFolder", "assetsFolder"]);
const maxServiceName = 50;

/** @throws OffhookError as `loadProject`, and `deployment-failed` for code that a build cannot have. */
export async function readDeployable(folder: string, options: DeployableOptions): Promise<Deployable> {
  const project = await loadProject(folder, options);
  const { service } = project;
  const manifest = (await readJsonFile(join(service.folder, "package.json"))) ?? {};
  const code = codeFor(service);
  const functions = service.functions.map(async (each) =>
    uploadOf("function", each, code.get(each.file) ?? (await contentOf(each.file))),
  );
  const assets = service.assets.map(async (each) => uploadOf("asset", each, await contentOf(each.file)));
  const settings = await readServiceSettings(service.folder);
  const uploads = await Promise.all([...functions, ...assets]);
  if (settings !== undefined)
    uploads.push(uploadOf("asset", { path: "/offhook.json", visibility: "private" }, settings));
  return {
    project,
    name: serviceNameOf(project),
    uploads: uploads.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    variables: Object.fromEntries(Object.entries(service.variables).filter(([key]) => !accountVariables.has(key))),
    dependencies: dependenciesOf(manifest),
    runtime: runtimeOf(manifest),
  };
}

function uploadOf(
  kind: Upload["kind"],
  { path, visibility }: { readonly path: string; readonly visibility: Visibility },
  content: Uint8Array,
): Upload {
  return { kind, path, visibility, content, sha256: createHash("sha256").update(content).digest("hex") };
}

async function contentOf(file: string): Promise<Uint8Array> {
  return await readFile(file).catch((error: unknown) => {
    throw new OffhookError("file-unreadable", file, { cause: error });
  });
}

/** Only the settings that a service has for itself. The others are about the author's machine. */
async function readServiceSettings(folder: string): Promise<Uint8Array | undefined> {
  const file = (await readJsonFile(join(folder, "offhook.json"))) ?? {};
  const keys = settingRows().flatMap(([key, row]) => (row.scope === "service" && !placeSettings.has(key) ? [key] : []));
  const own = Object.fromEntries(keys.flatMap((key) => (file[key] === undefined ? [] : [[key, file[key]]])));
  return Object.keys(own).length === 0 ? undefined : Buffer.from(`${JSON.stringify(own, null, 2)}\n`);
}

/** The name of the package without its scope, otherwise that of the folder. */
function serviceNameOf({ packageJson, service }: Project): string {
  const name = packageJson?.name?.replace(/^@[^/]*\//, "") || basename(service.folder);
  return name
    .replace(/[^A-Za-z0-9]+/g, "-")
    .slice(0, maxServiceName)
    .replace(/^-+|-+$/g, "");
}

function dependenciesOf(manifest: Readonly<Record<string, unknown>>): { name: string; version: string }[] {
  const { dependencies } = manifest;
  if (typeof dependencies !== "object" || dependencies === null) return [];
  return Object.entries(dependencies).map(([name, version]) => ({ name, version: String(version) }));
}

/** Only if `engines.node` asks for one major version: `22`, `22.x`, `^22.1.0`. */
function runtimeOf({ engines }: Readonly<Record<string, unknown>>): string | undefined {
  const { node } = (engines ?? {}) as { node?: unknown };
  const [, major] = typeof node === "string" ? (/^[v^~=\s]*(\d+)(?:\.[\dx*]+){0,2}\s*$/.exec(node) ?? []) : [];
  return major === undefined ? undefined : `node${major}`;
}
