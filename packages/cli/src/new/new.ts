/**
 * `offhook new`: chooses the file, its content and its name.
 */
import { realpathSync, statSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";

import { exitCodes } from "@offhook/runtime/errors";
import { isOffhookError, OffhookError } from "@offhook/runtime/offhook-error";
import { printable } from "@offhook/runtime/internal/printable";
import { compiledName, findProjectFolders, loadProject } from "@offhook/runtime/project";
import type { FunctionResource, Service, Visibility } from "@offhook/runtime/service";
import { suggest } from "@offhook/runtime/internal/suggestion";
import { loadSettings } from "@offhook/runtime/settings";

import { addressOf } from "../banner.ts";
import { FolderWriter } from "../scaffold/folder-writer.ts";
import { parsePackageJson, type PackageJson } from "../scaffold/package-json.ts";
import type { CommandContext } from "../command-context.ts";
import { placeOf, refuseClaimedPath } from "../scaffold/claimed-path.ts";
import { newPathOf, type Kind, type NewPath } from "./new-path.ts";
import { assetText, functionText } from "./skeleton.ts";
import type { SkeletonName } from "./skeleton-names.ts";

export interface NewInput {
  readonly positionals: readonly string[];
  readonly options: {
    readonly protected: boolean;
    readonly private: boolean;
    readonly typescript: boolean;
    readonly as: SkeletonName | undefined;
    readonly json: boolean;
  };
  readonly flags: Readonly<Record<string, unknown>>;
}

/**
 * @returns the exit code.
 * @throws OffhookError `name-invalid`, `file-exists`, `file-unwritable`, `setting-invalid`, or an error of the project.
 */
export async function makeNew(
  { positionals, options, flags }: NewInput,
  { stdout, environment }: CommandContext,
): Promise<number> {
  const { kind, given, visibility } = readArguments(positionals, options);
  const writer = new FolderWriter(realpathSync("."));
  const { folder } = writer;
  const settings = await loadSettings(folder, { flags, environment });
  const text = await writer.read("package.json");
  const packageJson = text === undefined ? undefined : parsePackageJson(text, join(folder, "package.json"));
  const [roots, service] = await Promise.all([findProjectFolders(folder, settings), loadIfThere(folder, settings)]);
  if (service === undefined && packageJson === undefined && !hasFolder(roots.functions) && !hasFolder(roots.assets)) {
    throw new OffhookError("project-empty", `${folder} is not a project; create one with "offhook init"`);
  }
  const root = kind === "function" ? roots.functions : roots.assets;
  const extension = options.typescript ? ".ts" : extensionOf(service?.functions ?? [], folder);
  const path = newPathOf(kind, given, { visibility, rootName: placeOf(folder, root), extension });
  const file = resolve(root, path.place);
  refuseClaimedPath(file, roots, folder, [...(service?.functions ?? []), ...(service?.assets ?? [])]);
  refuseWayOut(root, file);
  const skeleton = path.visibility === "private" ? "private" : (options.as ?? "json");
  const content =
    kind === "asset"
      ? assetText(file)
      : functionText(skeleton, { file, name: path.path.slice(1), isModule: packageJson?.type === "module" });
  const place = placeOf(folder, file);
  if (!(await writer.add(place, content))) throw new OffhookError("file-exists", printable(place));
  const made = { ...path, kind, place, as: options.as, hints: hintsOf(kind, path, options.as, packageJson) };
  stdout.write(options.json ? newJson(made) : newText(made));
  return exitCodes.ok;
}

function readArguments(
  [word, given]: readonly string[],
  options: NewInput["options"],
): { kind: Kind; given: string; visibility: Visibility } {
  if (word !== "function" && word !== "asset") {
    if (word === undefined)
      throw new OffhookError("setting-invalid", "Missing arguments: function or asset, and a path.");
    const suggestion = suggest(word, ["function", "asset"]);
    const question = suggestion === undefined ? "" : ` Did you mean ${suggestion}?`;
    throw new OffhookError(
      "setting-invalid",
      `Invalid value for the first argument: "${printable(word)}". Expected function or asset.${question}`,
    );
  }
  if (given === undefined)
    throw new OffhookError(
      "setting-invalid",
      `Missing argument: a path, such as ${word === "function" ? "sms/reply" : "index.html"}.`,
    );
  if (options.protected && options.private) {
    throw new OffhookError("setting-invalid", "--protected and --private cannot be combined.");
  }
  const wrong =
    word === "asset"
      ? options.as !== undefined
        ? "--as"
        : options.typescript
          ? "--typescript"
          : undefined
      : undefined;
  if (wrong !== undefined) throw new OffhookError("setting-invalid", `${wrong} only applies to functions.`);
  if (options.private && options.as !== undefined) {
    throw new OffhookError(
      "setting-invalid",
      "--private and --as cannot be combined. A private function receives no requests.",
    );
  }
  return { kind: word, given, visibility: options.protected ? "protected" : options.private ? "private" : "public" };
}

type ProjectSettings = Awaited<ReturnType<typeof loadSettings>>;

/** Undefined for a project that has no functions and assets yet. */
async function loadIfThere(folder: string, settings: ProjectSettings): Promise<Service | undefined> {
  try {
    return (await loadProject(folder, settings)).service;
  } catch (error) {
    // This may be the project's first function, or it may create the folder that a setting names.
    if (isOffhookError(error) && (error.code === "project-empty" || error.code === "folder-missing")) return undefined;
    throw error;
  }
}

function hasFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** The extension of most functions. On a tie TypeScript wins: the author has probably started to migrate to it. */
function extensionOf(functions: readonly FunctionResource[], folder: string): string {
  const count = (pattern: RegExp): number => functions.filter(({ file }) => pattern.test(file)).length;
  if (functions.length === 0) return statSync(join(folder, "tsconfig.json"), { throwIfNoEntry: false }) ? ".ts" : ".js";
  const counts = [".ts", ".js", ".mjs", ".mts", ".cjs", ".cts"].map(
    (each) => [each, count(new RegExp(`\\${each}$`))] as const,
  );
  return counts.toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? ".js";
}

/** A link in the folder may point outside it. A file written there would not be served. */
function refuseWayOut(root: string, file: string): void {
  if (!hasFolder(root)) return;
  const inside = realpathSync(root) + sep;
  let folder = dirname(file);
  while (folder !== root && !hasFolder(folder)) folder = dirname(folder);
  if (`${realpathSync(folder)}${sep}`.startsWith(inside)) return;
  throw new OffhookError("name-invalid", `${printable(folder)} is a link that leads out of ${printable(root)}`);
}

interface NewResource extends NewPath {
  readonly kind: Kind;
  /** Relative to the project's folder. */
  readonly place: string;
  readonly as: SkeletonName | undefined;
  readonly hints: readonly string[];
}

function hintsOf(
  kind: Kind,
  path: NewPath,
  as: SkeletonName | undefined,
  packageJson: PackageJson | undefined,
): string[] {
  const hints: string[] = [];
  const isWebhook = as === "sms" || as === "voice" || as === "studio";
  if (isWebhook && path.visibility === "public") {
    hints.push("Anyone can call it. With --protected (file name .protected), only Twilio can.");
  }
  const { dependencies } = packageJson ?? {};
  const has =
    typeof dependencies === "object" && dependencies !== null && Object.hasOwn(dependencies, "@offhook/helpers");
  if (kind === "function" && (as === "studio" || as === "flex") && !has) {
    hints.push("It needs @offhook/helpers: npm install @offhook/helpers");
  }
  return hints;
}

/** A command that calls the new file. Undefined if it cannot be called. */
function callOf({ kind, path, visibility, as }: NewResource): string | undefined {
  if (visibility === "private" || (kind === "asset" && visibility === "protected")) return undefined;
  const url = addressOf({ path } as FunctionResource, "");
  if (kind === "asset") return `curl http://localhost:3000${url}`;
  const webhook = as === undefined || as === "json" ? "" : ` --as ${as}`;
  return `npx offhook invoke ${url.slice(1)}${webhook}${visibility === "protected" ? " --signed" : ""}`;
}

function newText(made: NewResource): string {
  const { kind, place, path, visibility, hints } = made;
  const key =
    kind === "function"
      ? `Runtime.getFunctions()["${path.slice(1)}"]`
      : `Runtime.getAssets()["${compiledName(path) ?? path}"]`;
  const where = visibility === "private" ? `private: ${key}` : `${visibility}: ${path}`;
  const call = callOf(made);
  return [`Wrote ${place}, ${where}`, ...(call === undefined ? [] : [`Try it: ${call}`]), ...hints, ""].join("\n");
}

function newJson(made: NewResource): string {
  const { kind, place, path, visibility, hints } = made;
  return `${JSON.stringify({ kind, file: place, path, visibility, try: callOf(made) ?? null, hints })}\n`;
}
