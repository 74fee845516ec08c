/** Whether a project needs more than plain CommonJS, and what for. */
import { readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { usesCommonJsNames } from "../language/commonjs-names.ts";
import { looksLikeModule, typeScriptFile, type Language } from "../language/language.ts";
import type { FunctionResource } from "../service.ts";
import { readTsConfig, usualTsConfig, type TsConfig } from "./tsconfig.ts";

export interface LanguageOfProject {
  readonly language: Language | undefined;
  readonly warnings: readonly string[];
}

/**
 * Undefined language for functions that are all CommonJS, JavaScript and as they were written.
 * @throws OffhookError `file-malformed` for `tsconfig.json`, where it matters.
 */
export async function readLanguage(folder: string, functions: readonly FunctionResource[]): Promise<LanguageOfProject> {
  const sources = functions.map(({ file }) => readSource(file));
  const hasTypeScript = functions.some(({ file }) => typeScriptFile.test(file));
  const modules = sources.filter((source) => looksLikeModule.test(source));
  // Compiled by the author, who wants to be told his own lines.
  const hasMaps = sources.some((source) => /^\/\/# sourceMappingURL=/m.test(source));
  const hasTsConfig = await stat(join(folder, "tsconfig.json")).then(
    () => true,
    () => false,
  );
  if (!hasTypeScript && modules.length === 0 && !hasMaps && !hasTsConfig) return { language: undefined, warnings: [] };
  const { options, aliases, baseUrl, outDir, warnings } = await (hasTypeScript
    ? readTsConfig(folder)
    : tryTsConfig(folder));
  const isCompiled = outDir !== undefined && functions.every(({ file }) => file.startsWith(outDir + sep));
  if (!hasTypeScript && modules.length === 0 && !hasMaps && isCompiled) return { language: undefined, warnings: [] };
  const language: Language = {
    transforms: hasTypeScript || modules.some((source) => usesCommonJsNames.test(source)),
    sourceMaps: hasTypeScript || hasMaps || hasTsConfig,
    options,
    aliases,
    ...(baseUrl !== undefined && { baseUrl }),
    roots: rootsOf(folder, functions),
  };
  return { language, warnings };
}

/** Of JavaScript it says little, so a mistake in it must not keep the project from being served. */
async function tryTsConfig(folder: string): Promise<TsConfig> {
  try {
    return await readTsConfig(folder);
  } catch (error) {
    return { ...usualTsConfig, warnings: [`tsconfig.json does not count: ${(error as Error).message}.`] };
  }
}

/**
 * One after the other: of thousands, each takes a tenth of the time that a promise of it does. What cannot be read fails
 * when the function is called, with an error of its own.
 */
function readSource(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** The folder of functions may be a link to elsewhere. */
function rootsOf(folder: string, functions: readonly FunctionResource[]): string[] {
  const outside = functions
    .map(({ file }) => dirname(file))
    .filter((each) => !`${each}${sep}`.startsWith(folder + sep));
  return [folder, ...new Set(outside)];
}
