/** Finds out whether a project needs more than plain CommonJS, and for what. */
import { stat } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { usesCommonJsNames } from "../language/commonjs-names.ts";
import { isIn, looksLikeModule, typeScriptFile, type Language } from "../language/language.ts";
import { findImportedFiles, readSource } from "./imported-files.ts";
import { readTsConfig, usualTsConfig, type TsConfig } from "./tsconfig.ts";

export interface LanguageOfProject {
  readonly language: Language | undefined;
  /** For `Service`. */
  readonly outsideFiles: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * The language is undefined if all code is CommonJS and JavaScript and was not compiled.
 * @param functions the files of functions. `real` has links to other places resolved.
 * @param assets the files of private assets that are code.
 * @param isSelfContained no code outside the folder belongs to it.
 * @throws OffhookError `file-malformed` for a `tsconfig.json` that the code needs.
 */
export async function readLanguage(
  folder: string,
  functions: readonly { readonly file: string; readonly real?: string | undefined }[],
  assets: readonly string[],
  isSelfContained = false,
): Promise<LanguageOfProject> {
  const scripts = [...functions.map(({ file, real = file }) => real), ...assets];
  // Read synchronously, one after the other. With thousands of files, each takes a tenth of the time of a promise.
  const sources = new Map(scripts.map((file) => [file, readSource(file)]));
  const texts = [...sources.values()];
  const hasTsConfig = await exists(join(folder, "tsconfig.json"));
  const roots = rootsOf(folder, functions);
  const isTypeScript = scripts.some((file) => typeScriptFile.test(file));
  const readConfig = isTypeScript ? readTsConfig : tryTsConfig;
  const config = await (isTypeScript || hasTsConfig ? readConfig(folder, isSelfContained) : usualTsConfig);
  const { options, aliases, baseUrl, outDir, warnings } = config;
  const settings = { options, aliases, ...(baseUrl !== undefined && { baseUrl }) };
  const bare: Language = { transforms: false, sourceMaps: false, ...settings, roots, outside: [] };
  const { outside, ...imported } = await findImports(sources, bare, isSelfContained);
  const { outsideFiles } = imported;
  const hasTypeScript = isTypeScript || imported.hasTypeScript;
  const modules = texts.filter((source) => looksLikeModule.test(source));
  // The author has compiled the code, and wants errors to show the original lines.
  const hasMaps = texts.some((source) => /^\/\/# sourceMappingURL=/m.test(source));
  if (!hasTypeScript && modules.length === 0 && !hasMaps) {
    const isCompiled = outDir !== undefined && scripts.every((file) => file.startsWith(outDir + sep));
    if (!hasTsConfig || isCompiled) return { language: undefined, outsideFiles, warnings: [] };
  }
  const language: Language = {
    ...bare,
    transforms: hasTypeScript || modules.some((source) => usesCommonJsNames.test(source)),
    sourceMaps: hasTypeScript || hasMaps || hasTsConfig,
    outside,
  };
  return { language, outsideFiles, warnings: [...warnings, ...imported.warnings] };
}

interface Imports extends Pick<Language, "outside"> {
  readonly hasTypeScript: boolean;
  readonly outsideFiles: readonly string[];
  readonly warnings: readonly string[];
}

/** Files outside the project may have their own aliases, which lead to more files. */
async function findImports(
  sources: ReadonlyMap<string, string>,
  bare: Language,
  isSelfContained: boolean,
): Promise<Imports> {
  const first = findImportedFiles(sources, bare, isSelfContained);
  if (first.outside.length === 0) return { ...first, outside: [], outsideFiles: [], warnings: [] };
  const [project = ""] = bare.roots;
  const { configs, warnings } = await readConfigsAbove(first.outside, project);
  const { hasTypeScript, outside } = findImportedFiles(sources, { ...bare, outside: configs });
  const manifests = await manifestsAbove(outside, project);
  return { hasTypeScript, outside: configs, outsideFiles: [...outside, ...manifests], warnings };
}

/** Reads the nearest `tsconfig.json` above each file. */
async function readConfigsAbove(
  files: readonly string[],
  project: string,
): Promise<{ configs: Language["outside"]; warnings: readonly string[] }> {
  const folders = await foldersAbove(files, project, "tsconfig.json");
  const innerFirst = folders.toSorted((a, b) => b.length - a.length);
  const configs = await Promise.all(
    innerFirst.map(async (folder) => {
      const { options, aliases, baseUrl, warnings } = await tryTsConfig(folder);
      return { config: { folder, options, aliases, ...(baseUrl !== undefined && { baseUrl }) }, warnings };
    }),
  );
  return { configs: configs.map(({ config }) => config), warnings: configs.flatMap(({ warnings }) => warnings) };
}

async function manifestsAbove(files: readonly string[], project: string): Promise<string[]> {
  return (await foldersAbove(files, project, "package.json")).map((folder) => join(folder, "package.json"));
}

/** The nearest folder above each file that contains a file called `name`. */
async function foldersAbove(files: readonly string[], project: string, name: string): Promise<string[]> {
  const seen = new Set<string>();
  const found = new Set<string>();
  for (const file of files) {
    const folder = await folderAbove(dirname(file), project, name, seen);
    if (folder !== undefined) found.add(folder);
  }
  return [...found];
}

/** Stops at the folder that contains both the file and the project. Files above it concern other things. */
async function folderAbove(
  folder: string,
  project: string,
  name: string,
  seen: Set<string>,
): Promise<string | undefined> {
  if (seen.has(folder)) return undefined;
  seen.add(folder);
  if (await exists(join(folder, name))) return folder;
  const above = dirname(folder);
  return above === folder || isIn(project, [folder]) ? undefined : await folderAbove(above, project, name, seen);
}

async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}

/** For JavaScript, the file matters little, so a mistake in it must not prevent serving the project. */
async function tryTsConfig(folder: string, isSelfContained = false): Promise<TsConfig> {
  try {
    return await readTsConfig(folder, isSelfContained);
  } catch (error) {
    const reason = (error as Error).message;
    return { ...usualTsConfig, warnings: [`${join(folder, "tsconfig.json")} is ignored: ${reason}.`] };
  }
}

/** The folder of functions may be a link to a place outside the project. */
function rootsOf(folder: string, functions: readonly { readonly file: string }[]): string[] {
  const outside = functions
    .map(({ file }) => dirname(file))
    .filter((each) => !`${each}${sep}`.startsWith(folder + sep));
  return [folder, ...new Set(outside)];
}
