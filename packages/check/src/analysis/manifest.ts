/**
 * The parts of `package.json` that the checks need.
 */
import { join } from "node:path";

import { readJsonFile, readTextFile } from "@offhook/runtime/internal/json-file";

export interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  /** Optional and peer dependencies. Hosted Functions do not install them either. */
  readonly otherDependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly enginesNode: string | undefined;
  /** The line that contains a name, or 1. */
  readonly lineOf: (name: string) => number;
}

/** @throws OffhookError `file-malformed`, `file-unreadable`. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const file = join(folder, "package.json");
  const [content, text = ""] = await Promise.all([readJsonFile(file), readTextFile(file)]);
  if (content === undefined) return undefined;
  const lines = text.split("\n");
  return {
    dependencies: texts(content["dependencies"]),
    devDependencies: texts(content["devDependencies"]),
    otherDependencies: { ...texts(content["optionalDependencies"]), ...texts(content["peerDependencies"]) },
    scripts: texts(content["scripts"]),
    enginesNode: texts(content["engines"])["node"],
    lineOf: (name) => Math.max(1, 1 + lines.findIndex((line) => line.includes(`${JSON.stringify(name)}:`))),
  };
}

function texts(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) return {};
  const entries = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return Object.fromEntries(entries);
}

/** The package of a specifier: `@scope/name` for `@scope/name/file`. */
export function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
