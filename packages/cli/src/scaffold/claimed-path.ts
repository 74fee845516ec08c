/**
 * Functions and assets share one namespace: a new file must not claim a path that another has.
 */
import { realpathSync } from "node:fs";
import { relative, sep } from "node:path";

import { OffhookError } from "@offhook/runtime/offhook-error";
import { nameAsset, nameFunction } from "@offhook/runtime/internal/resource-name";
import type { ResourceName } from "@offhook/runtime/internal/resource-name";
import type { AssetResource, FunctionResource } from "@offhook/runtime/service";

import { printable } from "@offhook/runtime/internal/printable";

export interface Roots {
  readonly functions: string;
  readonly assets: string;
}

/** Relative to `folder`, with forward slashes. */
export function placeOf(folder: string, file: string): string {
  return relative(folder, file).replaceAll(sep, "/");
}

/** Undefined for a file that is neither a function nor an asset. */
function resourceNameOf(file: string, { functions, assets }: Roots): ResourceName | undefined {
  if (file.startsWith(functions + sep)) return nameFunction(placeOf(functions, file));
  return file.startsWith(assets + sep) ? nameAsset(placeOf(assets, file)) : undefined;
}

/**
 * @param file absolute. The same file may already exist; only a second file is refused.
 * @throws OffhookError `file-exists`.
 */
export function refuseClaimedPath(
  file: string,
  roots: Roots,
  folder: string,
  resources: readonly (FunctionResource | AssetResource)[],
): void {
  const path = resourceNameOf(file, roots)?.path;
  const owner = resources.find((each) => each.path === path);
  if (path === undefined || owner === undefined) return;
  if (real(owner.file) === real(file)) return;
  throw new OffhookError("file-exists", printable(`${path} is ${placeOf(folder, owner.file)}`));
}

/** Folders may be links, so the same file can have two names. */
function real(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
