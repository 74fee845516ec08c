/**
 * Finds a function by its URL path or by its file.
 */
import { realpathSync } from "node:fs";
import { relative, resolve, sep } from "node:path";

import { OffhookError } from "@offhook/runtime/offhook-error";
import type { FunctionResource, Service } from "@offhook/runtime/service";
import { suggest } from "@offhook/runtime/internal/suggestion";

import { printable } from "@offhook/runtime/internal/printable";

export interface Invoked {
  readonly resource: FunctionResource;
  /** Without its question mark. */
  readonly query: string;
}

/**
 * @param named `/sms?a=1`, `sms`, `functions/sms.protected.js`. Files are relative to the project or the current folder.
 * @throws OffhookError `function-unknown`, `function-private`.
 */
export function findFunction(service: Service, named: string): Invoked {
  const byFile = service.functions.find(({ file }) => isFile(file, named, service.folder));
  if (byFile !== undefined) return { resource: callable(byFile, service), query: "" };
  const [path = "", ...rest] = named.split("?");
  const query = rest.join("?");
  const wanted = path.startsWith("/") ? path : `/${path}`;
  const found = service.functions.find((each) => each.path === wanted || each.path === decoded(wanted));
  if (found !== undefined) return { resource: callable(found, service), query };
  throw unknown(service, wanted);
}

function isFile(file: string, named: string, folder: string): boolean {
  return [resolve(folder, named), resolve(named)].some((each) => each === file || real(each) === file);
}

/** The current folder may have been reached through a link. */
function real(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}

function decoded(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

function callable(resource: FunctionResource, { folder }: Service): FunctionResource {
  if (resource.visibility !== "private") return resource;
  throw new OffhookError("function-private", printable(relative(folder, resource.file).replaceAll(sep, "/")));
}

function unknown({ functions, assets }: Service, path: string): OffhookError {
  const shown = printable(path);
  if (assets.some((asset) => asset.path === path)) return new OffhookError("function-unknown", `${shown} is an asset`);
  const paths = functions.filter(({ visibility }) => visibility !== "private").map((each) => each.path);
  const suggestion = suggest(path, paths) ?? paths.find((each) => each.endsWith(path));
  const question = suggestion === undefined ? "" : `; did you mean ${printable(suggestion)}?`;
  return new OffhookError("function-unknown", `${shown}${question}`);
}
