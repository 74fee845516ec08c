/**
 * Derives URL path and visibility from a file's path in its folder (contract §8). Pure.
 */
import type { Visibility } from "../service.ts";

export interface ResourceName {
  /** With its leading slash. */
  readonly path: string;
  readonly visibility: Visibility;
}

const markers = { ".private": "private", ".protected": "protected" } as const;

/** Removes the marker from the end of a name. */
function takeMarker(stem: string): { stem: string; visibility: Visibility } {
  for (const [marker, visibility] of Object.entries(markers)) {
    if (stem.endsWith(marker)) return { stem: stem.slice(0, -marker.length), visibility };
  }
  return { stem, visibility: "public" };
}

/** Twilio's tool replaces white space by a hyphen when it makes a path of a file name (contract §1.4). */
function toPath(relative: string): string {
  return `/${relative.replace(/\s/g, "-")}`;
}

/** `sms/reply.protected.js` → `/sms/reply`, protected. Undefined for a file that is not a function. */
export function nameFunction(relative: string): ResourceName | undefined {
  const match = /^(.*[^/])\.(?:js|cjs|mjs|ts|cts|mts)$/.exec(relative);
  if (match === null || /\.d\.[cm]?ts$/.test(relative)) return undefined;
  const { stem, visibility } = takeMarker(match[1] ?? "");
  return { path: toPath(stem), visibility };
}

/**
 * `img/logo.private.png` → `/img/logo.png`, private. A marker at the very end (`LICENSE.private`) counts
 * too: to publish a file whose name says private would be the worse mistake.
 */
export function nameAsset(relative: string): ResourceName {
  const atEnd = takeMarker(relative);
  if (atEnd.visibility !== "public") {
    return { path: toPath(atEnd.stem), visibility: atEnd.visibility };
  }
  const [, whole = relative, extension = ""] = /^(.*?)(\.[^./]*)?$/s.exec(relative) ?? [];
  const { stem, visibility } = takeMarker(whole);
  return { path: toPath(stem + extension), visibility };
}

/**
 * Remarks about a name, as ends of a sentence that begins with the file: the hosted product would reject the name
 * (contract §1.4), or its marker is in a place where it does not work.
 */
export function remarksOn(relative: string, { path, visibility }: ResourceName): string[] {
  const remarks: string[] = [];
  if (path.length > 255) {
    remarks.push("has a path of more than 255 characters, which hosted Functions refuse");
  }
  const odd = [...new Set(path.match(/[#;,?:@+&$()'"]/g) ?? [])].join(" ");
  if (odd !== "") remarks.push(`has ${odd} in its path, which hosted Functions refuse`);
  const name = relative.slice(relative.lastIndexOf("/") + 1);
  const stray = /\.(?:private|protected)(?=\.|$)/i.exec(visibility === "public" ? name : path);
  if (stray !== null) {
    remarks.push(`is ${visibility}: ${stray[0]} works only in lower case and directly before the extension`);
  }
  return remarks;
}
