/**
 * The project to examine, and its machine. An unreadable file becomes a result, and the examination continues.
 */
import { realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";

import { entryOf } from "@offhook/runtime/errors";
import { isOffhookError, OffhookError } from "@offhook/runtime/offhook-error";
import { excerpt } from "@offhook/runtime/internal/printable";
import { loadProject } from "@offhook/runtime/project";
import type { Project } from "@offhook/runtime/project";
import { loadSettings, resolveSettings } from "@offhook/runtime/settings";
import type { Settings } from "@offhook/runtime/settings";

import { analyse } from "../analysis/analysis.ts";
import type { Source } from "../analysis/facts.ts";
import { readManifest } from "../analysis/manifest.ts";
import type { Manifest } from "../analysis/manifest.ts";
import { problem } from "./result.ts";
import type { Result } from "./result.ts";

export interface ExaminedProject {
  /** Absolute, with links resolved. */
  readonly folder: string;
  readonly settings: Settings;
  /** Undefined if the project cannot be served. `faults` has the reasons. */
  readonly project: Project | undefined;
  readonly sources: readonly Source[];
  readonly manifest: Manifest | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Files and settings that could not be read. */
  readonly faults: readonly Result[];
  /** Returns the time of another machine. Undefined if the doctor must not use the network. */
  readonly askTime: (() => Promise<Date>) | undefined;
}

export interface ExaminedProjectOptions {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: ExaminedProject["environment"];
  readonly askTime: ExaminedProject["askTime"];
}

/** @throws OffhookError `folder-missing`, and for flags as `resolveSettings`. */
export async function readExaminedProject(
  named: string,
  { flags, environment, askTime }: ExaminedProjectOptions,
): Promise<ExaminedProject> {
  const path = resolve(named);
  const stats = await stat(path).catch(() => undefined);
  if (stats?.isDirectory() !== true) throw new OffhookError("folder-missing", path);
  const folder = await realpath(path);
  const faults: Result[] = [];
  const attempt = async <T>(read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (!isOffhookError(error)) throw error;
      faults.push(problem(excerpt(error.message.replace(/\s+/g, " "), 400), entryOf(error.code).next));
      return undefined;
    }
  };
  // The project's file and the environment can have faults. An invalid flag is the caller's error, so it throws.
  const fallback = resolveSettings({ flags });
  const settings = (await attempt(() => loadSettings(folder, { flags, environment }))) ?? fallback;
  const project = await attempt(() => loadProject(folder, settings));
  const manifest = await attempt(() => readManifest(folder));
  const sources = project === undefined ? [] : (await analyse(project.service)).sources;
  const distinct = [...new Map(faults.map((fault) => [fault.message, fault])).values()];
  return { folder, settings, project, sources, manifest, environment, faults: distinct, askTime };
}
