/**
 * Transforms all files of a project ahead of time, outside the isolates. This is for isolates that may not load native
 * code. They get the compiled code, so no native code runs in them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { usesCommonJsNames } from "./commonjs-names.ts";
import { Compiler } from "./compiler.ts";
import { looksLikeModule, settingsFor, typeScriptFile } from "./language.ts";
import type { CompilerOptions, Language, Prepared } from "./language.ts";

/** @param outsideFiles code outside the project's folder. */
export function prepare(folder: string, language: Language, outsideFiles: readonly string[] = []): Language {
  const compilers = new Map<CompilerOptions, Compiler>();
  const prepared: Record<string, Prepared> = {};
  for (const file of new Set([...language.roots.flatMap(filesIn), ...outsideFiles.filter(isScript)])) {
    const source = readFileSync(file, "utf8");
    if (!typeScriptFile.test(file) && !(looksLikeModule.test(source) && usesCommonJsNames.test(source))) continue;
    const { options } = settingsFor(file, language);
    const compiler = compilers.get(options) ?? new Compiler(folder, options);
    compilers.set(options, compiler);
    try {
      prepared[file] = compiler.compile(file, source);
    } catch (error) {
      // The error belongs to the function, so it is reported only when the function is loaded.
      prepared[file] = { error: (error as Error).message };
    }
  }
  return { ...language, prepared };
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" || entry.name.startsWith(".") ? [] : filesIn(path);
    return entry.isFile() && isScript(path) ? [path] : [];
  });
}

function isScript(path: string): boolean {
  return typeScriptFile.test(path) || /\.c?js$/.test(path);
}
