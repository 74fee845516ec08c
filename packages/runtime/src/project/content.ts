/**
 * The content of a folder: functions, assets, and the language of their code, without SIDs and variables. Both a
 * project and a build have such a folder.
 */
import { realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";

import { scriptFile } from "../language/language.ts";
import { OffhookError } from "../offhook-error.ts";
import type { Service } from "../service.ts";
import { discover } from "./discover.ts";
import type { DiscoverOptions, Discovered } from "./discover.ts";
import { readLanguage } from "./language.ts";
import { privateAssetsOf } from "./private-assets.ts";

/** Together with SIDs and variables, the content is a service. */
export type ServiceContent = Pick<Service, "folder" | "functions" | "assets" | "outsideFiles" | "language">;

export interface FoundContent extends Pick<Discovered, "otherFiles" | "remarks"> {
  readonly content: ServiceContent;
  /** Sentences for people, in a stable order. Those of `remarks` are among them. */
  readonly warnings: readonly string[];
}

/**
 * Reads `folder` without any `.env`, `offhook.json` or `.twilioserverlessrc`. The folder may have nothing to serve.
 * @throws OffhookError `folder-missing`, `path-duplicate`, `asset-too-large`, `file-unreadable`, `file-malformed`,
 * `setting-invalid`.
 */
export async function findContent(folder: string, options: DiscoverOptions): Promise<FoundContent> {
  return await readContent(await findFolder(folder), options);
}

/** @param root as `findFolder` returns it. */
export async function readContent(root: string, options: DiscoverOptions): Promise<FoundContent> {
  const found = await discover(root, options);
  const { functions, assets, otherFiles, remarks } = found;
  const { language, outsideFiles, warnings } = await readLanguage(
    root,
    functions,
    Object.values(privateAssetsOf({ assets }).assets).filter((file) => scriptFile.test(file)),
    options.isSelfContained,
  );
  return {
    content: { folder: root, functions, assets, outsideFiles, language },
    otherFiles,
    remarks,
    warnings: [...found.warnings, ...warnings],
  };
}

/**
 * @returns the folder's absolute path, links resolved.
 * @throws OffhookError `folder-missing`, `file-unreadable`.
 */
export async function findFolder(folder: string): Promise<string> {
  const path = resolve(folder);
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  if (stats instanceof Error) {
    const isMissing = stats.code === "ENOENT" || stats.code === "ENOTDIR";
    const code = isMissing ? "folder-missing" : "file-unreadable";
    const detail = isMissing ? path : `${path} (${stats.code})`;
    throw new OffhookError(code, detail, { cause: stats });
  }
  if (!stats.isDirectory()) throw new OffhookError("folder-missing", `${path} is not a folder`);
  return await realpath(path);
}
