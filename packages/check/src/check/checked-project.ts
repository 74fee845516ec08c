/**
 * A project as the rules see it. Everything is read beforehand, so the rules are pure.
 */
import { existsSync, readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

import { loadProject } from "@offhook/runtime/project";
import type { Project } from "@offhook/runtime/project";
import type { AssetResource, FunctionResource, Service } from "@offhook/runtime/service";
import type { Settings } from "@offhook/runtime/settings";

import { analyse, fileOf } from "../analysis/analysis.ts";
import type { Import, Source } from "../analysis/facts.ts";
import { readBuildOutput, type BuildOutput } from "./build-output.ts";
import { readManifest } from "../analysis/manifest.ts";
import type { Manifest } from "../analysis/manifest.ts";

export interface CheckedSource extends Omit<Source, "file"> {
  /** Relative to the project's folder, with forward slashes. */
  readonly file: string;
  readonly isTypeScript: boolean;
  /** Undefined for a file that is not deployed itself and is only required. */
  readonly resource: FunctionResource | AssetResource | undefined;
  /** Resolves an import to a file of the project, relative to the project's folder. */
  readonly ownFile: (each: Import) => string | undefined;
}

export interface CheckedProject {
  readonly service: Service;
  readonly settings: Settings;
  readonly remarks: Project["remarks"];
  readonly otherFiles: Project["otherFiles"];
  /** Undefined if the project is deployed without a build. */
  readonly build: BuildOutput | undefined;
  readonly sources: readonly CheckedSource[];
  /** Whether there were more files than the limit. The rest was not read. */
  readonly isCut: boolean;
  readonly manifest: Manifest | undefined;
  /** Relative to the project's folder. Undefined if there is none. */
  readonly envFile: string | undefined;
  /** Remarks about its lines. */
  readonly envRemarks: Project["envRemarks"];
  /** Bytes, by absolute path. */
  readonly assetSizes: ReadonlyMap<string, number>;
  /** The dependencies that are compiled when they are installed. */
  readonly nativePackages: ReadonlySet<string>;
  /** Turns an absolute path into one relative to the project's folder, for messages. */
  readonly show: (file: string) => string;
}

/** @throws OffhookError as `loadProject`, except for duplicate paths and large assets, which are findings. */
export async function readCheckedProject(folder: string, settings: Settings): Promise<CheckedProject> {
  const { env, functionsFolder, assetsFolder } = settings;
  const options = { env, functionsFolder, assetsFolder, assetLimit: Infinity, privateAssetLimit: Infinity };
  const written = await loadProject(folder, { ...options, allowsDuplicates: true });
  // If the setting names the folder of functions, check that folder.
  const built =
    functionsFolder === undefined ? await readBuildOutput(written, { ...options, allowsDuplicates: true }) : undefined;
  const project = built?.project ?? written;
  const { service, envFile, envRemarks, remarks, otherFiles } = project;
  const [{ sources, isCut }, manifest, assetSizes] = await Promise.all([
    analyse(service),
    readManifest(service.folder),
    sizesOf(service.assets),
  ]);
  const show = (file: string): string => relative(service.folder, file).replaceAll(sep, "/");
  const resources = new Map([...service.assets, ...service.functions].map((each) => [each.file, each]));
  return {
    service,
    settings,
    remarks,
    otherFiles,
    build: built?.output,
    sources: sources.map((source) => ({
      ...source,
      file: show(source.file),
      isTypeScript: /\.[cm]?ts$/.test(source.file),
      resource: resources.get(source.file),
      ownFile: (each) => {
        const found = fileOf(service, source.file, each);
        return found && show(found);
      },
    })),
    isCut,
    manifest,
    envFile: envFile && show(envFile),
    envRemarks,
    assetSizes,
    nativePackages: new Set(
      Object.keys(manifest?.dependencies ?? {}).filter((name) => isNative(join(service.folder, "node_modules", name))),
    ),
    show,
  };
}

async function sizesOf(assets: readonly AssetResource[]): Promise<Map<string, number>> {
  const sizes = await Promise.all(
    assets.map(async ({ file }) => {
      const stats = await stat(file).catch(() => undefined);
      return [file, stats?.size ?? 0] as const;
    }),
  );
  return new Map(sizes);
}

/** Only detects packages that are installed here. */
function isNative(folder: string): boolean {
  if (existsSync(join(folder, "binding.gyp"))) return true;
  try {
    return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { gypfile?: unknown }).gypfile === true;
  } catch {
    return false;
  }
}
