/**
 * The build output of a TypeScript project. The output is deployed, so the output is checked.
 */
import { existsSync, statSync } from "node:fs";
import { basename, extname, join, relative, resolve, sep } from "node:path";

import { readJsonFile } from "@offhook/runtime/internal/json-file";
import { compiledName, loadProject, outDirOf, type Project, type ProjectOptions } from "@offhook/runtime/project";

export interface BuildOutput {
  /** Relative to the project's folder, with forward slashes. */
  readonly functionsFolder: string;
  /** Whether the output exists. Then the checked project is the output. */
  readonly isThere: boolean;
  /** `npm run build`, or another command that builds the project, if it can be guessed. */
  readonly command: string | undefined;
  /** Sources without output, or newer than their output. Relative to the project's folder. */
  readonly outdated: readonly string[];
}

interface Candidate {
  readonly functions: string;
  readonly assets: string;
}

/**
 * @param source the project with its sources.
 * @returns undefined if there is no TypeScript, or no sign of a build.
 */
export async function readBuildOutput(
  source: Project,
  options: ProjectOptions,
): Promise<{ output: BuildOutput; project: Project } | undefined> {
  const { folder, functions } = source.service;
  const typed = functions.filter(({ file }) => compiledName(file) !== undefined);
  if (typed.length === 0) return undefined;
  const scripts = await readScripts(folder);
  const candidates = await candidatesOf(folder, scripts);
  const [first] = candidates;
  if (first === undefined) return undefined;
  const names = new Set(typed.map(({ name }) => name));
  const command = buildCommand(scripts);
  const show = (path: string): string => relative(folder, path).replaceAll(sep, "/") || ".";
  for (const candidate of candidates.filter((each) => existsSync(each.functions))) {
    const assets = existsSync(candidate.assets) ? { assetsFolder: candidate.assets } : {};
    const built = await loadProject(folder, { ...options, functionsFolder: candidate.functions, ...assets }).catch(
      () => undefined,
    );
    const made = built?.service.functions.filter(({ name, file }) => names.has(name) && extname(file).endsWith("js"));
    if (built === undefined || made === undefined || made.length === 0) continue;
    const files = new Map(made.map(({ name, file }) => [name, file]));
    const outdated = typed.filter(({ name, file }) => !isNewer(files.get(name), file)).map(({ file }) => show(file));
    return {
      output: { functionsFolder: show(candidate.functions), isThere: true, command, outdated },
      project: built,
    };
  }
  return {
    output: { functionsFolder: show(first.functions), isThere: false, command, outdated: [] },
    project: source,
  };
}

function isNewer(made: string | undefined, source: string): boolean {
  return made !== undefined && statSync(made).mtimeMs >= statSync(source).mtimeMs;
}

async function readScripts(folder: string): Promise<Readonly<Record<string, string>>> {
  const manifest = await readJsonFile(join(folder, "package.json")).catch(() => undefined);
  const scripts = manifest?.["scripts"];
  if (typeof scripts !== "object" || scripts === null) return {};
  return Object.fromEntries(Object.entries(scripts).filter(([, script]) => typeof script === "string"));
}

/** The options of twilio-run are the best sign of the output folder. Next are those of compilers and bundlers. */
async function candidatesOf(folder: string, scripts: Readonly<Record<string, string>>): Promise<Candidate[]> {
  const texts = Object.values(scripts);
  const named = (option: string): string[] => {
    const pattern = new RegExp(`${option}[=\\s]+["']?([^\\s"';&|]+)`, "g");
    return texts.flatMap((text) => [...text.matchAll(pattern)].map(([, path = ""]) => resolve(folder, path)));
  };
  const [assets] = named("--assets-folder");
  const deployed = named("--functions-folder").map((functions) => ({
    functions,
    assets: assets ?? join(functions, "../assets"),
  }));
  const outFolders = [await outDirOf(folder), ...named("(?:--out-?[dD]ir|--out-dir|(?<=\\b(?:swc|babel)\\b.*\\s)-d)")];
  const built = outFolders.flatMap((out) => {
    if (out === undefined || out === folder) return [];
    // A bundler's output option often names the folder of functions itself.
    const places = basename(out) === "functions" ? [".", "functions"] : ["functions", "src/functions", "."];
    return places.map((place) => {
      const functions = join(out, place);
      return {
        functions,
        assets: basename(functions) === "functions" ? join(functions, "../assets") : join(out, "assets"),
      };
    });
  });
  return [...deployed, ...built].filter(({ functions }) => !isSource(functions, folder));
}

/** Scripts also name the source folder, to serve it during development. */
function isSource(functions: string, folder: string): boolean {
  return ["functions", "src/functions"].some((usual) => functions === join(folder, usual));
}

const buildsIt = /\b(?:tsc|esbuild|webpack|rollup|tsup|swc|babel|vite|ncc|bun build|parcel)\b/;

function buildCommand(scripts: Readonly<Record<string, string>>): string | undefined {
  const name =
    scripts["build"] === undefined ? Object.keys(scripts).find((each) => buildsIt.test(scripts[each] ?? "")) : "build";
  return name === undefined ? undefined : `npm run ${name}`;
}
