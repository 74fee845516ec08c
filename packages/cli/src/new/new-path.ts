/**
 * From the path on the command line to the file it becomes. Pure.
 */
import { OffhookError } from "@offhook/runtime/offhook-error";
import { nameAsset, nameFunction, remarksOn } from "@offhook/runtime/internal/resource-name";
import type { ResourceName } from "@offhook/runtime/internal/resource-name";
import type { Visibility } from "@offhook/runtime/service";

import { printable } from "@offhook/runtime/internal/printable";

export type Kind = "function" | "asset";

export interface NewPath extends ResourceName {
  /** From the folder of functions or assets, with its marker and extension. */
  readonly place: string;
}

const functionExtension = /\.(?:js|cjs|mjs|ts|cts|mts)$/;

/**
 * @param pathText what the user has said.
 * @param rootName how the folder of functions or assets is called from the project's: a path may begin with it.
 * @param extension of a function that names none, with its dot.
 * @throws OffhookError `name-invalid`, `setting-invalid`.
 */
export function newPathOf(
  kind: Kind,
  pathText: string,
  { visibility, rootName, extension }: { visibility: Visibility; rootName: string; extension: string },
): NewPath {
  const refuse = (reason: string): OffhookError =>
    new OffhookError("name-invalid", `"${printable(pathText)}" ${reason}`);
  const path = pathText.startsWith(`${rootName}/`) ? pathText.slice(rootName.length + 1) : pathText;
  const reason = invalidReason(kind, path);
  if (reason !== undefined) throw refuse(reason);
  const named =
    kind === "function" ? nameFunction(functionExtension.test(path) ? path : path + extension) : nameAsset(path);
  if (named === undefined) throw refuse("names declarations, which are no function");
  if (named.visibility !== "public" && visibility !== "public" && named.visibility !== visibility) {
    throw new OffhookError(
      "setting-invalid",
      `--${visibility} is given, and "${printable(pathText)}" says ${named.visibility}`,
    );
  }
  const place = placeWith(kind, path, extension, named.visibility === "public" ? visibility : "public");
  const made = kind === "function" ? nameFunction(place) : nameAsset(place);
  if (made === undefined) throw refuse("is no function");
  if (made.path === "/") throw refuse("is a marker without a name");
  const [remark] = remarksOn(place, made);
  if (remark !== undefined) throw refuse(remark);
  return { ...made, place };
}

/** Why no function or asset can have this path, whatever its visibility. */
function invalidReason(kind: Kind, path: string): string | undefined {
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) return "begins as an absolute path does: leave that out";
  // A shell, a URL, a terminal or another system could read something else.
  if (/[\\\s\p{C}%*<>|]/u.test(path))
    return "has white space, a backslash or another character that no URL path has as it is";
  for (const segment of path.split("/")) {
    if (segment === "") return "has an empty part";
    if (segment === "." || segment === "..") return `has "${segment}" in it, and stays in its folder`;
    if (kind === "function" && segment.startsWith("."))
      return `has "${segment}" in it: functions have no names with a dot in front`;
    if (/^node_modules$|^\.env(?:\.|$)|^\.git$/.test(segment)) return `has "${segment}" in it, which is not served`;
  }
  return undefined;
}

/** @param marker public where it has one already, or needs none. */
function placeWith(kind: Kind, path: string, extension: string, marker: Visibility): string {
  const mark = marker === "public" ? "" : `.${marker}`;
  if (kind === "function") {
    const [own] = functionExtension.exec(path) ?? [];
    return own === undefined ? path + mark + extension : path.slice(0, -own.length) + mark + own;
  }
  const dot = path.lastIndexOf(".");
  const hasExtension = dot > path.lastIndexOf("/") + 1;
  return hasExtension ? path.slice(0, dot) + mark + path.slice(dot) : path + mark;
}
