/**
 * Finds the author's files that functions import, by their text alone. Nothing is run, so computed specifiers are not
 * found. The result has the files outside the project's folder, and says whether there is TypeScript among all of them.
 */
import { readFileSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { importsIn } from "../language/imports.ts";
import { isIn, isInstalled, scriptFile, settingsFor, typeScriptFile, type Language } from "../language/language.ts";
import { candidatesFor, findFile, findInLinkedPackage } from "../language/resolution.ts";

/** The maximum number of files that are searched. */
const maxFiles = 5_000;
/** A larger file is a bundle, which does not contain the author's own imports. */
const maxCharacters = 1_000_000;

export interface ImportedFiles {
  readonly hasTypeScript: boolean;
  /** Absolute, links resolved. */
  readonly outside: readonly string[];
}

/**
 * @param sources absolute path → text, for the files of functions and of private assets that are code.
 * @param isSelfContained no file outside the project's folder is read.
 */
export function findImportedFiles(
  sources: ReadonlyMap<string, string>,
  language: Language,
  isSelfContained = false,
): ImportedFiles {
  const found = new Set<string>(sources.keys());
  const packages = new Map<string, string | undefined>();
  for (const file of found) {
    const text = sources.get(file) ?? readSource(file);
    for (const { specifier } of importsIn(text)) {
      if (found.size >= maxFiles) break;
      const imported = importedFile(specifier, file, language, packages);
      if (imported === undefined || !isCode(imported)) continue;
      if (!isSelfContained || isIn(imported, language.roots)) found.add(imported);
    }
  }
  const files = [...found];
  return {
    hasTypeScript: files.some((file) => typeScriptFile.test(file)),
    outside: files.filter((file) => !isIn(file, language.roots)),
  };
}

function isCode(file: string): boolean {
  return scriptFile.test(file) || file.endsWith(".json");
}

/** @param packages a cache: the files of packages, by folder and specifier. */
function importedFile(
  specifier: string,
  from: string,
  language: Language,
  packages: Map<string, string | undefined>,
): string | undefined {
  const isFromTypeScript = typeScriptFile.test(from);
  const folder = dirname(from);
  for (const path of candidatesFor(specifier, folder, settingsFor(from, language))) {
    const file = findFile(path, isFromTypeScript);
    if (file !== undefined) return isInstalled(file) ? undefined : realpathSync(file);
  }
  if (/^(?:\.{0,2}\/|[a-z]+:)/i.test(specifier)) return undefined;
  // Nearly always, all folders of the project see the same packages.
  const place = language.roots.find((root) => isIn(from, [root])) ?? folder;
  const key = `${place} ${specifier}`;
  if (!packages.has(key)) packages.set(key, findInLinkedPackage(specifier, place, isFromTypeScript));
  const file = packages.get(key);
  return file === undefined || isInstalled(file) ? undefined : file;
}

/** Empty if the file cannot be read. The function that needs it will fail with its own error when it is called. */
export function readSource(file: string): string {
  try {
    const text = readFileSync(file, "utf8");
    return text.length > maxCharacters ? "" : text;
  } catch {
    return "";
  }
}
