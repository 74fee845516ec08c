/**
 * Checks the dependencies that a client asks for. They are text from the network, so only packages of a registry are
 * accepted: no files, no repositories, no URLs, no aliases.
 */
import { invalidParameter } from "../api-error.ts";
import type { RequestedDependency } from "./builder.ts";

const maxDependencies = 500;
const maxNameLength = 214;
const maxVersionLength = 100;
/** The platform's own package. Nothing of it is installed (contract §11). */
export const handlerPackage = "@twilio/runtime-handler";

/**
 * Reads the parameter `Dependencies`: JSON, also inside one more pair of double quotes, as one client sends it (contract
 * row 165).
 * @throws ApiError 400
 */
export function parseDependencies(text: string): RequestedDependency[] {
  const list = parseList(text) ?? parseList(text.trim().replace(/^"([\s\S]*)"$/, "$1"));
  if (list === undefined) {
    throw invalidParameter('Dependencies must be a JSON list, such as [{"name":"lodash","version":"4.17.21"}].');
  }
  if (list.length > maxDependencies) {
    throw invalidParameter(`Dependencies may have at most ${maxDependencies} entries.`);
  }
  const dependencies = list.map(readEntry);
  const names = new Set<string>();
  for (const { name } of dependencies) {
    if (names.has(name)) throw invalidParameter(`Dependencies names ${name} twice. List each package once.`);
    names.add(name);
  }
  return dependencies;
}

/** Reads the list, also where it is a text in JSON itself. */
function parseList(json: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(json);
    const list: unknown = typeof value === "string" ? JSON.parse(value) : value;
    return Array.isArray(list) ? (list as unknown[]) : undefined;
  } catch {
    return undefined;
  }
}

function readEntry(entry: unknown): RequestedDependency {
  const { name, version = "*" } = (entry ?? {}) as { name?: unknown; version?: unknown };
  if (typeof name !== "string" || typeof version !== "string") {
    throw invalidParameter("Each entry of Dependencies must have a name and a version, both as text.");
  }
  checkName(name);
  const asked = version.trim() === "" ? "*" : version.trim();
  if (name === handlerPackage) checkHandlerVersion(asked);
  else checkVersion(name, asked);
  return { name, version: asked };
}

function checkName(name: string): void {
  const isValid =
    name.length <= maxNameLength && /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/i.test(name);
  if (isValid && name !== "node_modules") return;
  throw invalidParameter(`Dependencies names ${JSON.stringify(name.slice(0, 100))}, which is no name of a package.`);
}

/** A version, a range or a tag. Everything else that npm accepts leads out of the registry. */
function checkVersion(name: string, version: string): void {
  const isRange = /^[\w\s.*^~<>=|+-]+$/.test(version);
  if (isRange && version.length <= maxVersionLength) return;
  throw invalidParameter(
    `The version of ${name} is ${JSON.stringify(version.slice(0, 100))}. Only versions, ranges and tags of a registry are accepted: no URLs, repositories, aliases or files.`,
  );
}

/** Contract row 166 says that such a build fails. A refusal tells the author why. */
function checkHandlerVersion(version: string): void {
  const [, major, minor] = /^(\d+)\.(\d+)\.\d+(?:-[\w.-]+)?$/.exec(version) ?? [];
  if (major !== undefined && (Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 2))) return;
  throw invalidParameter(
    `The version of ${handlerPackage} is ${JSON.stringify(version.slice(0, 100))}. It must be an exact version, 1.2.0 or newer, such as 1.3.0. Set it in package.json without ^ or ~.`,
  );
}
