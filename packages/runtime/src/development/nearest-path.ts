/**
 * Finds what a caller probably meant by a path that does not exist. For the author's pages and the log. Pure.
 */
import type { FunctionResource, Service } from "../service.ts";
import { suggest } from "../suggestion.ts";

type Resources = Pick<Service, "functions" | "assets">;

/** Comparing takes time for each letter, and strangers choose the path. */
const maxCharacters = 200;

/** The path that the caller probably meant. A part of it, such as the folder or the extension, may be too much. */
export function nearestPath(path: string, { functions, assets }: Resources): string | undefined {
  if (path.length > maxCharacters) return undefined;
  const paths = [...functions, ...assets]
    .filter(({ visibility }) => visibility !== "private")
    .map((resource) => resource.path);
  const withoutFolder = path.replace(/^\/(?:functions|assets)(?=\/)/, "");
  for (const spelling of [path, withoutFolder]) {
    const plain = spelling
      .replace(/\/+$/, "")
      .replace(/(?:\.protected)?(?:\.[cm]?[jt]s)?$/, "")
      .toLowerCase();
    const same = paths.find((each) => each.toLowerCase() === plain);
    if (same !== undefined) return same;
  }
  return suggest(path, paths) ?? suggest(withoutFolder, paths);
}

export function privateFunction(path: string, { functions }: Resources): FunctionResource | undefined {
  const plain = path.replace(/(?:\.private)?(?:\.[cm]?[jt]s)?$/, "");
  return functions.find((each) => each.visibility === "private" && each.path === plain);
}

/** A sentence about a path that does not exist. Undefined if nothing is close to it. */
export function hintOfMissingPath(path: string, resources: Resources): string | undefined {
  const hidden = privateFunction(path, resources);
  if (hidden !== undefined)
    return `${hidden.path} is a private function, so it has no URL. Other functions call it through Runtime.getFunctions().`;
  const meant = nearestPath(path, resources);
  return meant === undefined ? undefined : `Did you mean ${meant}? Paths are exact and case-sensitive.`;
}
