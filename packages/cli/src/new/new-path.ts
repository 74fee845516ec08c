/**
 * Turns the path on the command line into the path of the new file. Pure.
 */
import { OffhookError } from "@offhook/runtime/offhook-error";
import { nameAsset, nameFunction, remarksOn } from "@offhook/runtime/internal/resource-name";
import type { ResourceName } from "@offhook/runtime/internal/resource-name";
import type { Visibility } from "@offhook/runtime/service";

import { printable } from "@offhook/runtime/internal/printable";

export type Kind = "function" | "asset";

export interface NewPath extends ResourceName {
  /** Relative to the folder of functions or assets, with its marker and extension. */
  readonly place: string;
}

const functionExtension = /\.(?:js|cjs|mjs|ts|cts|mts)$/;

/**
 * @param pathText the path that the user typed.
 * @param rootName the folder of functions or assets, relative to the project. The path may start with it.
 * @param extension for a function's path without one, with its dot.
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
  if (named === undefined) throw refuse("is a file of type declarations, not a function");
  if (named.visibility !== "public" && visibility !== "public" && named.visibility !== visibility) {
    throw new OffhookError(
      "setting-invalid",
      `--${visibility} contradicts "${printable(pathText)}", which is ${named.visibility}.`,
    );
  }
  const place = placeWith(kind, path, extension, named.visibility === "public" ? visibility : "public");
  const made = kind === "function" ? nameFunction(place) : nameAsset(place);
  if (made === undefined) throw refuse("is not a function");
  if (made.path === "/") throw refuse("has a marker but no name");
  const [remark] = remarksOn(place, made);
  if (remark !== undefined) throw refuse(remark);
  return { ...made, place };
}

/** Why no function or asset can have this path, whatever its visibility. */
function invalidReason(kind: Kind, path: string): string | undefined {
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) return "is an absolute path; expected a relative one";
  // A shell, a URL, a terminal or another system might read such a character differently.
  if (/[\\\s\p{C}%*<>|]/u.test(path))
    return "contains white space, a backslash, or another character that a URL path cannot contain";
  for (const segment of path.split("/")) {
    if (segment === "") return "has an empty part";
    if (segment === "." || segment === "..") return `contains "${segment}"; the path must stay in its folder`;
    if (kind === "function" && segment.startsWith("."))
      return `contains "${segment}"; names of functions cannot start with a dot`;
    if (/^node_modules$|^\.env(?:\.|$)|^\.git$/.test(segment)) return `contains "${segment}", which is never served`;
  }
  return undefined;
}

/** @param marker "public" if the path already has a marker, or needs none. */
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
