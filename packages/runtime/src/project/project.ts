/**
 * A project folder becomes a service: its content, with the variables and the settings that are written in the folder.
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
  /** Absolute path of the file of variables; undefined where the project has none. */
  readonly envFile: string | undefined;
  /** What is odd about lines of that file. The same is in `warnings`. */
  readonly envRemarks: EnvSyntax["remarks"];
  /** Sentences for people, in a stable order. They were published as notices too. */
  readonly warnings: readonly string[];
  /** Those among them that are about a file, taken apart. */
  readonly remarks: readonly Remark[];
  /** What lies among the functions and is none, from the project's folder. */
  readonly otherFiles: readonly string[];
  /** Undefined where there is none. Fields of another type than expected are left out. */
  readonly packageJson: { readonly name?: string; readonly type?: string } | undefined;
}

/** The settings that say what a project is. `Settings` fits; all of them may be left out. */
export type ProjectOptions = {
  readonly [K in "env" | "functionsFolder" | "assetsFolder" | "assetLimit" | "privateAssetLimit"]?:
    | Settings[K]
    | undefined;
} & Pick<DiscoverOptions, "allowsDuplicates">;

/** Hosted Functions allow 3 kB for the whole context (contract §3), of which the variables are the most. */
const variablesLimitBytes = 3000;

/**
 * Reads the project in `folder`. Keys that `options` leaves open are taken from the project's
 * `.twilioserverlessrc`, and from what is usual after that. Asset limits left open are the table's defaults.
 *
 * `SERVICE_SID` and `ENVIRONMENT_SID` among the variables need no attention here: in a function's context
 * the variables stand over the service's own values (contract row 112).
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
 * Where the functions and assets of the project in `folder` are, or would be if it had some.
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
  // Only a file that somebody asked for has to be there.
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

/** The same folder has the same SIDs at every start; they say nothing about where it is. */
function sidOf(prefix: "ZS" | "ZE", root: string): string {
  return prefix + createHash("sha256").update(`${prefix}:${root}`).digest("hex").slice(0, 32);
}

/** Contract row 117. Names no variable and no value. */
function warnOfSize(variables: Readonly<Record<string, string>>): string[] {
  const bytes = Buffer.byteLength(JSON.stringify(variables));
  if (bytes <= variablesLimitBytes) return [];
  const { message, next, twilioCode } = entryOf("context-too-large");
  return [`${message}: ${bytes} bytes (context-too-large, ${twilioCode}). ${next}`];
}
