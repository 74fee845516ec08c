/**
 * The functions and assets of a project with their URLs, as `dev` lists them.
 */
import { pluralize, printable } from "@offhook/runtime/internal/printable";
import type { AssetResource, FunctionResource, Service } from "@offhook/runtime/service";

import { addressOf } from "../banner.ts";
import type { Palette } from "../screen/palette.ts";
import { textWidth } from "../screen/text-width.ts";

type Resource = FunctionResource | AssetResource;

export interface ListOptions {
  readonly palette: Palette;
  /** The rows that there are. Without it, the list is complete. */
  readonly maxRows?: number | undefined;
  /** The columns of a row. A longer URL takes several rows. */
  readonly columns?: number | undefined;
  /** Whether private functions are listed too. They have no URL. */
  readonly hasPrivate?: boolean;
}

/** Protected functions come first: their URLs are those to enter at Twilio. */
const order = ["protected", "public", "private"] as const;

export function functionList(functions: readonly FunctionResource[], url: string, options: ListOptions): string[] {
  const { maxRows = Infinity, columns = Infinity, hasPrivate = true, palette } = options;
  const listed = order.flatMap((visibility) => functions.filter((each) => each.visibility === visibility));
  const reachable = hasPrivate ? listed : listed.filter(({ visibility }) => visibility !== "private");
  const shown = rowsOf(reachable, url, palette);
  const heights = shown.map((row) => Math.ceil(textWidth(row) / columns) || 1);
  if (sum(heights) <= maxRows) return shown;
  let count = 0;
  // One row is for the number of the others.
  for (let left = maxRows - 1; count < shown.length && (heights[count] ?? 0) <= left; count++)
    left -= heights[count] ?? 0;
  count = Math.max(count, 1);
  const rest = reachable.slice(count);
  const privates = rest.filter(({ visibility }) => visibility === "private").length;
  const which = privates === 0 ? "" : privates === rest.length ? " (private)" : ` (${privates} private)`;
  return [...rowsOf(reachable.slice(0, count), url, palette), `  … and ${rest.length} more${which}: press l`];
}

/** Everything, for the key `l`. */
export function fullList(
  { functions, assets }: Pick<Service, "functions" | "assets">,
  url: string,
  palette: Palette,
): string {
  const sections = [
    ["Functions", functionList(functions, url, { palette })],
    ["Assets", rowsOf(assets, url, palette)],
  ] as const;
  return sections
    .filter(([, rows]) => rows.length > 0)
    .map(([title, rows]) => `${palette.bold(title)}\n${rows.join("\n")}\n`)
    .join("");
}

/** `14 functions, 1 private function, 2 assets`: each one is counted once. */
export function countsOf({ functions, assets }: Pick<Service, "functions" | "assets">): string {
  const privates = functions.filter(({ visibility }) => visibility === "private").length;
  return [
    pluralize(functions.length - privates, "function"),
    ...(privates === 0 ? [] : [pluralize(privates, "private function")]),
    ...(assets.length === 0 ? [] : [pluralize(assets.length, "asset")]),
  ].join(", ");
}

function rowsOf(resources: readonly Resource[], url: string, palette: Palette): string[] {
  const rows = resources.map((resource) => {
    const { visibility } = resource;
    // A private resource has no URL. Do not show one that only leads to a 404.
    const name = visibility === "private" ? printable(resource.path) : addressOf(resource, url);
    return { name, visibility };
  });
  const width = Math.max(...rows.map(({ name }) => textWidth(name)));
  return rows.map(({ name, visibility }) => {
    const mark =
      visibility === "public" ? "" : `${" ".repeat(width - textWidth(name))}  ${palette.dim(`(${visibility})`)}`;
    return `  ${visibility === "private" ? name : palette.cyan(name)}${mark}`;
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
