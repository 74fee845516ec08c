/**
 * The author's files that functions import, as far as their text says so: what lies outside of the project's folder, and
 * whether there is TypeScript among them. Nothing is run. What is decided only when code runs is not found.
 */
import { readFileSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { importsIn } from "../language/imports.ts";
import { isIn, isInstalled, scriptFile, settingsFor, typeScriptFile, type Language } from "../language/language.ts";
import { candidatesFor, findFile, findInLinkedPackage } from "../language/resolution.ts";

/** More than that is not looked through. */
const maxFiles = 5_000;
/** A bundle is no place to look for imports of the author's. */
const maxCharacters = 1_000_000;

export interface ImportedFiles {
  readonly hasTypeScript: boolean;
  /** Absolute, links resolved. */
  readonly outside: readonly string[];
}

/**
 * @param sources absolute path → text, of what functions are loaded from.
 * @param isSelfContained nothing outside of the project's folder is looked at.
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

/** @param packages what specifiers of packages mean, by the folder that they were asked for from. */
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
  // Of the project's folders, all see the same packages, or nearly so.
  const place = language.roots.find((root) => isIn(from, [root])) ?? folder;
  const key = `${place} ${specifier}`;
  if (!packages.has(key)) packages.set(key, findInLinkedPackage(specifier, place, isFromTypeScript));
  const file = packages.get(key);
  return file === undefined || isInstalled(file) ? undefined : file;
}

/** What cannot be read fails when a function is called, with an error of its own. */
export function readSource(file: string): string {
  try {
    const text = readFileSync(file, "utf8");
    return text.length > maxCharacters ? "" : text;
  } catch {
    return "";
  }
}
