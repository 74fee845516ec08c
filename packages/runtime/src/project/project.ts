/**
 * Makes a service of a project folder: its content, with the variables and settings that the folder contains.
 */
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";

import { entryOf } from "../errors.ts";
import { OffhookError } from "../offhook-error.ts";
import { notices } from "../observe/channels.ts";
import type { Service } from "../service.ts";
import { findFolder, readContent } from "./content.ts";
import { findRoots } from "./discover.ts";
import type { DiscoverOptions, Remark } from "./discover.ts";
import { envWarnings, loadVariables } from "./env-file.ts";
import type { EnvSyntax } from "./env-file.ts";
import { readJsonFile } from "../json-file.ts";
import { readServerlessRc } from "./serverlessrc.ts";
import { settingTable } from "../settings/setting-table.ts";
import type { Settings } from "../settings/setting-table.ts";

export interface Project {
  readonly service: Service;
  /** Absolute path of the file of variables. Undefined if the project has none. */
  readonly envFile: string | undefined;
  /** Remarks about lines of that file. `warnings` contains them too. */
  readonly envRemarks: EnvSyntax["remarks"];
  /** Sentences for people, in a stable order. `loadProject` also publishes them as notices. */
  readonly warnings: readonly string[];
  /** The warnings that are about a file, as file and text. */
  readonly remarks: readonly Remark[];
  /** Files in the functions' folder that are not functions, relative to the project's folder. */
  readonly otherFiles: readonly string[];
  /** Undefined if there is none. Fields of an unexpected type are left out. */
  readonly packageJson: { readonly name?: string; readonly type?: string } | undefined;
}

/** The settings that define a project. `Settings` fits this type. All of them are optional. */
export type ProjectOptions = {
  readonly [K in "env" | "functionsFolder" | "assetsFolder" | "assetLimit" | "privateAssetLimit"]?:
    | Settings[K]
    | undefined;
} & Pick<DiscoverOptions, "allowsDuplicates">;

/** Hosted Functions allow 3 kB for the whole context (contract §3). Most of it is variables. */
const variablesLimitBytes = 3000;

/**
 * Reads the project in `folder`. Values that `options` leaves out come from the project's `.twilioserverlessrc`, then
 * from the usual names. Asset limits that are left out have the table's defaults.
 *
 * `SERVICE_SID` and `ENVIRONMENT_SID` among the variables need no special treatment here: in a function's context,
 * variables replace the service's own values (contract row 112).
 * @throws OffhookError `folder-missing`, `project-empty`, `path-duplicate`, `asset-too-large`,
 * `file-unreadable`, `file-malformed`, `setting-invalid`.
 */
export async function loadProject(folder: string, options: ProjectOptions = {}): Promise<Project> {
  const root = await findFolder(folder);
  const rc = await readServerlessRc(root);
  const envName = options.env ?? rc.env;
  const [found, env, packageJson] = await Promise.all([
    readContent(root, {
      functionsFolder: options.functionsFolder ?? rc.functionsFolder,
      assetsFolder: options.assetsFolder ?? rc.assetsFolder,
      assetLimit: options.assetLimit ?? settingTable.assetLimit.default,
      privateAssetLimit: options.privateAssetLimit ?? settingTable.privateAssetLimit.default,
      allowsDuplicates: options.allowsDuplicates,
    }),
    readVariables(root, envName),
    readPackageJson(root),
  ]);
  const { content, otherFiles, remarks } = found;
  if (content.functions.length === 0 && content.assets.length === 0) {
    const reasons = remarks.map(({ file, text }) => `${file} ${text}.`);
    throw new OffhookError("project-empty", [root, ...reasons].join("\n  "));
  }
  const warnings = [...found.warnings, ...env.warnings, ...warnOfSize(env.variables)];
  const sid = sidOf("ZS", root);
  for (const message of warnings) notices.publish({ service: sid, level: "warn", message });
  return {
    service: { sid, environmentSid: sidOf("ZE", root), ...content, variables: env.variables },
    envFile: env.file,
    envRemarks: env.remarks,
    warnings,
    remarks,
    otherFiles,
    packageJson,
  };
}

export { findContent } from "./content.ts";
export type { FoundContent, ServiceContent } from "./content.ts";
export { envWarnings, loadVariables } from "./env-file.ts";
export type { EnvRemark } from "./env-file.ts";
export { outDirOf } from "./tsconfig.ts";
export { compiledName } from "../language/language.ts";
export { whyNoAsset, whyNoFunction } from "./resource-key.ts";
export { privateAssetsOf, resourceKeysOf } from "./private-assets.ts";

/**
 * Returns the folders of the functions and assets of the project in `folder`. They may not exist yet.
 * @throws OffhookError `file-unreadable`, `file-malformed`, `setting-invalid` of `.twilioserverlessrc`.
 */
export async function findProjectFolders(
  folder: string,
  options: Pick<ProjectOptions, "functionsFolder" | "assetsFolder"> = {},
): Promise<{ functions: string; assets: string }> {
  const rc = await readServerlessRc(folder);
  return await findRoots(folder, {
    functionsFolder: options.functionsFolder ?? rc.functionsFolder,
    assetsFolder: options.assetsFolder ?? rc.assetsFolder,
  });
}

async function readVariables(
  root: string,
  named: string | undefined,
): Promise<EnvSyntax & { file: string | undefined; warnings: readonly string[] }> {
  const file = resolve(root, named ?? ".env");
  const isMissing = await stat(file).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === "ENOENT",
  );
  // Only a file that a setting names must exist.
  if (isMissing && named === undefined) return { file: undefined, variables: {}, remarks: [], warnings: [] };
  const env = await loadVariables(file);
  return { ...env, file, warnings: envWarnings(env, relative(root, file).replaceAll(sep, "/")) };
}

async function readPackageJson(root: string): Promise<Project["packageJson"]> {
  const content = await readJsonFile(join(root, "package.json"));
  if (content === undefined) return undefined;
  const { name, type } = content;
  return {
    ...(typeof name === "string" && { name }),
    ...(typeof type === "string" && { type }),
  };
}

/** A folder has the same SIDs at every start. They do not reveal its path. */
function sidOf(prefix: "ZS" | "ZE", root: string): string {
  return prefix + createHash("sha256").update(`${prefix}:${root}`).digest("hex").slice(0, 32);
}

/** Contract row 117. The warning contains no variable's name or value. */
function warnOfSize(variables: Readonly<Record<string, string>>): string[] {
  const bytes = Buffer.byteLength(JSON.stringify(variables));
  if (bytes <= variablesLimitBytes) return [];
  const { message, next, twilioCode } = entryOf("context-too-large");
  return [`${message}: ${bytes} bytes (context-too-large, ${twilioCode}). ${next}`];
}
