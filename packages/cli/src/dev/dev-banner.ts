/**
 * The banner of `dev`: as many rows as the terminal has, because it is printed often. Warnings come first, so the URLs are
 * the last lines on the screen.
 */
import { pluralize, printable } from "@offhook/runtime/internal/printable";

import type { BannerContent } from "../banner.ts";
import { wrapLine } from "../screen/line-wrap.ts";
import { createPalette } from "../screen/palette.ts";
import { countsOf, functionList } from "./function-list.ts";

/** More warnings would push earlier output off the screen. */
const maxWarnings = 8;
/** Holds a key and its word together when the line is wrapped. */
const joint = "\u00a0";
const withoutJoints = (line: string): string => line.replaceAll(joint, " ");

/** Functions are listed even in the smallest terminal. */
const minListRows = 3;

export function devBanner(content: BannerContent): string {
  const { version, service, url, publicUrl, debugger: forDebuggers, dashboard, keys = [], screen } = content;
  const palette = createPalette(screen?.isColored === true);
  const wrapped = (line: string, indent: number): string[] =>
    wrapLine(line, screen?.columns ?? Infinity, indent).split("\n");
  const { bold, cyan } = palette;
  const above = [
    ...warningLines(content.warnings).flatMap((line) => wrapped(palette.yellow(line), 2)),
    ...(dashboard === undefined ? [] : wrapped(`${bold("Dashboard:")} ${cyan(dashboard)}`, 2)),
    ...wrapped(`${bold("Offhook")} ${version} dev, ready in ${Math.round(content.startedInMs)} ms: ${cyan(url)}`, 2),
    ...(publicUrl === undefined ? [] : wrapped(`${bold("Public:")} ${cyan(publicUrl)}`, 2)),
    ...wrapped(`  ${countsOf(service)} in ${printable(service.folder)}`, 4),
  ];
  const below = [
    ...(forDebuggers ? wrapped(`  Debugger at ${forDebuggers.address}  ${forDebuggers.devtoolsUrl}`, 4) : []),
    ...(keys.length === 0
      ? wrapped("  Changes are live when saved. Press Ctrl+C to stop.", 2)
      : [
          ...wrapped("  Changes are live when saved. Press a key, or Ctrl+C to stop:", 2),
          ...wrapped(`  ${keys.map(([key, word]) => bold(key) + joint + word).join("  ")}`, 2).map(withoutJoints),
        ]),
  ];
  // The last row is for the cursor.
  const left = (screen?.rows ?? Infinity) - above.length - below.length - 1;
  const list = functionList(service.functions, publicUrl ?? url, {
    palette,
    // Without keys, nobody can ask for the rest.
    maxRows: keys.length === 0 ? undefined : Math.max(left, minListRows),
    columns: screen?.columns,
  });
  return [...above, ...list.flatMap((line) => wrapped(line, 4)), ...below, ""].join("\n");
}

function warningLines(warnings: readonly string[]): string[] {
  const lines = warnings.slice(0, maxWarnings).map((warning) => `Warning: ${printable(warning)}`);
  const rest = warnings.length - maxWarnings;
  return rest > 0 ? [...lines, `(and ${pluralize(rest, "more warning")}; run offhook check to see all)`] : lines;
}
