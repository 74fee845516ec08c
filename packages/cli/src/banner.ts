/**
 * The banner of `start`, printed when the server is up: text for people, or one line of JSON. It never shows the value
 * of a variable. Only warnings about lines of `.env` show names.
 */
import type { AssetResource, FunctionResource, Service } from "@offhook/runtime/service";

import { printable } from "@offhook/runtime/internal/printable";
import { wrapLine } from "./screen/line-wrap.ts";
import { createPalette, plain, type Palette } from "./screen/palette.ts";
import type { Screen } from "./screen/screen.ts";
import { textWidth } from "./screen/text-width.ts";

export interface BannerContent {
  readonly version: string;
  readonly service: Service;
  /** `http://localhost:3000`. */
  readonly url: string;
  /** A link that opens the dashboard. It works once. */
  readonly dashboard?: string | undefined;
  /** Where debuggers connect, if they are allowed. */
  readonly debugger?: { readonly address: string; readonly devtoolsUrl: string } | undefined;
  readonly warnings: readonly string[];
  /** From the start of the process until the server accepted requests. */
  readonly startedInMs: number;
  /** The origin that Twilio calls, if it is known before a tunnel runs. */
  readonly publicUrl?: string | undefined;
  /** Keys that can be pressed, each with a word for what it does. */
  readonly keys?: readonly (readonly [key: string, word: string])[] | undefined;
  /** Absent if the output is not a terminal. */
  readonly screen?: Screen | undefined;
}

/** Rows per table. A project with thousands of functions should not push its URL off the screen. */
const rowLimit = 40;

export function textBanner({ version, service, url, warnings, startedInMs, screen }: BannerContent): string {
  const palette = createPalette(screen?.isColored === true);
  const { bold, cyan, yellow } = palette;
  const warningLines = warnings.map((warning) => {
    return wrapLine(yellow(`Warning: ${printable(warning)}`), screen?.columns ?? Infinity, 2);
  });
  return [
    `${bold("Offhook")} ${version}`,
    "",
    `Folder  ${printable(service.folder)}`,
    `URL     ${cyan(url)}`,
    "",
    ...table("Functions", service.functions, url, palette),
    ...table("Assets", service.assets, url, palette),
    ...list(warningLines),
    `Ready in ${Math.round(startedInMs)} ms. Press Ctrl+C to stop.`,
    "",
  ].join("\n");
}

export function jsonBanner(content: BannerContent): string {
  const { version, service, url, debugger: forDebuggers, warnings, startedInMs } = content;
  const describe = (resource: Resource): Record<string, string> => ({
    path: resource.path,
    visibility: resource.visibility,
    ...(resource.visibility !== "private" && { url: addressOf(resource, url) }),
  });
  const line = {
    time: new Date().toISOString(),
    level: "info",
    event: "started",
    version,
    folder: service.folder,
    url,
    ...(content.dashboard !== undefined && { dashboard: content.dashboard }),
    ...(forDebuggers && { debugger: forDebuggers.address, devtoolsUrl: forDebuggers.devtoolsUrl }),
    functions: service.functions.map(describe),
    assets: service.assets.map(describe),
    warnings,
    startedInMs: Math.round(startedInMs),
  };
  return `${JSON.stringify(line)}\n`;
}

type Resource = FunctionResource | AssetResource;

function table(title: string, resources: readonly Resource[], url: string, { bold, cyan, dim }: Palette): string[] {
  if (resources.length === 0) return [];
  const shown = resources.slice(0, rowLimit).map((resource) => {
    // A private resource has no URL. Do not show one that only leads to a 404.
    const isPrivate = resource.visibility === "private";
    const left = isPrivate ? printable(resource.path) : addressOf(resource, url);
    return { left, paint: isPrivate ? plain : cyan, right: isPrivate ? "(private)" : resource.visibility };
  });
  const width = Math.max(...shown.map(({ left }) => textWidth(left)));
  const rest = resources.length - shown.length;
  return [
    bold(`${title}:`),
    ...shown.map(({ left, paint, right }) => `  ${paint(left)}${" ".repeat(width - textWidth(left))}  ${dim(right)}`),
    ...(rest > 0 ? [`  … and ${rest} more`] : []),
    "",
  ];
}

function list(lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const rest = lines.length - rowLimit;
  return [...lines.slice(0, rowLimit), ...(rest > 0 ? [`… and ${rest} more warnings`] : []), ""];
}

/** A path can contain characters that a URL must not: no spaces, but letters of other scripts. */
export function addressOf({ path }: Resource, url: string): string {
  const encoded = encodeURI(path.toWellFormed()).replace(/[?#]/g, encodeURIComponent);
  return url + encoded;
}
