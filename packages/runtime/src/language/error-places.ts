/**
 * Finds the place where an ES module fails before it runs: the line of the import or of the syntax error. Node does not
 * report it, so this searches the sources that the failed module imports.
 */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import { loadTransformer } from "./compiler.ts";
import { importsIn } from "./imports.ts";
import { isInstalled, looksLikeModule, settingsFor, type Language } from "./language.ts";
import { candidatesFor, findFile } from "./resolution.ts";

const { readFileSync } = process.getBuiltinModule("node:fs");

/** Limits of the search: files, and characters of each file. */
const maxFiles = 500;
const maxCharacters = 500_000;

interface Place {
  readonly file: string;
  readonly source: string;
  readonly at: number;
  readonly length: number;
}

/**
 * Puts the place before the stack, in Node's format for CommonJS. Does nothing if the stack has a place already, or if
 * none is found.
 */
export function addPlace(error: unknown, entry: string, language: Language | undefined): void {
  try {
    if (!(error instanceof Error) || typeof error.stack !== "string") return;
    if (/^[^\n]+:\d+(?::\d+)?\n/.test(error.stack)) return;
    const place = placeOf(error, entry, language);
    if (place !== undefined) error.stack = `${headOf(place)}\n\n${error.stack}`;
  } catch {
    // Anything can be thrown, and reading it can throw. The error is then reported without a place.
  }
}

/** Whether loading `root` loads `file`, as far as the imports in the sources show. */
export function reaches(root: string, file: string, language: Language | undefined): boolean {
  for (const source of sourcesFrom(root, language)) if (source.file === file) return true;
  return false;
}

/**
 * The syntax error of an ES module, or of a module that it imports. Node 22 forgets it.
 * @returns undefined if all of them parse as scripts.
 */
export function syntaxErrorOf(entry: string, language: Language | undefined): SyntaxError | undefined {
  for (const { file, source } of sourcesFrom(entry, language)) {
    if (!isModule(file, source)) continue;
    try {
      compileAsScript(file, source);
    } catch (error) {
      addPlace(error, file, language);
      return error as SyntaxError;
    }
  }
  return undefined;
}

function placeOf(error: NodeJS.ErrnoException, entry: string, language: Language | undefined): Place | undefined {
  const { message } = error;
  if (error.code !== undefined) return placeOfSpecifier(message, entry, language);
  if (error.name !== "SyntaxError" || /:\d+:\d+: /.test(message)) return undefined;
  const missing = missingExport(message);
  for (const { file, source } of sourcesFrom(entry, language)) {
    const place = missing === undefined ? unparsed(message, file, source) : importOf(missing, file, source);
    if (place !== undefined) return place;
  }
  return missing === undefined ? unparsedByTransformer(entry, language) : undefined;
}

interface MissingExport {
  readonly specifier: string;
  readonly name: string;
}

/** All messages of V8 and Node about an import that cannot be linked. */
const linkErrors = [
  /requested module '(?<specifier>[^']+)' does not provide an export named '(?<name>[^']+)'/,
  /Named export '(?<name>[^']+)' not found\. The requested module '(?<specifier>[^']+)' is a CommonJS module/,
  /requested module '(?<specifier>[^']+)' contains conflicting star exports for name '(?<name>[^']+)'/,
  /Detected cycle while resolving name '(?<name>[^']+)' in '(?<specifier>[^']+)'/,
];

function missingExport(message: string): MissingExport | undefined {
  for (const pattern of linkErrors) {
    const { specifier, name } = pattern.exec(message)?.groups ?? {};
    if (specifier !== undefined && name !== undefined) return { specifier, name };
  }
  return undefined;
}

const statement = /\b(?:import|export)\b([^;"'`]*?)\bfrom\s*["']([^"'\n]+)["']/dg;

function importOf({ specifier, name }: MissingExport, file: string, source: string): Place | undefined {
  for (const { 1: clause = "", 2: from, index, 0: whole, indices } of source.matchAll(statement)) {
    if (from !== specifier) continue;
    const listed = /\{([^}]*)\}/.exec(clause)?.[1] ?? "";
    const names = listed.split(",").map(
      (each) =>
        each
          .trim()
          .replace(/^type\s+/, "")
          .split(/\s+/)[0],
    );
    const isDefault = name === "default" && /^\s*[A-Za-z_$]/.test(clause);
    if (!names.includes(name) && !isDefault) continue;
    const inClause = new RegExp(`(?<![\\w$])${name.replaceAll("$", "\\$")}(?![\\w$])`).exec(clause);
    if (inClause === null) return { file, source, at: index, length: whole.length };
    return { file, source, at: (indices?.[1]?.[0] ?? index) + inClause.index, length: name.length };
  }
  return undefined;
}

/** Finds the place of a syntax error. It counts only if compiling the source as a script throws the same error. */
function unparsed(message: string, file: string, source: string): Place | undefined {
  if (!isModule(file, source)) return undefined;
  try {
    compileAsScript(file, source);
    return undefined;
  } catch (error) {
    const { message: found, stack = "" } = error as Error;
    const [, line, caret = ""] = /:(\d+)\n.*\n( *\^+)/.exec(stack) ?? [];
    if (found !== message || line === undefined) return undefined;
    const lines = source.split("\n");
    const start = lines.slice(0, Number(line) - 1).join("\n").length + (line === "1" ? 0 : 1);
    return { file, source, at: start + caret.indexOf("^"), length: caret.trim().length };
  }
}

/** Compiles a module as a script, without the syntax that scripts cannot have. @throws SyntaxError */
function compileAsScript(file: string, source: string): void {
  // oxlint-disable-next-line no-new -- it is never run
  new Script(`(async()=>{"use strict";\n${asScript(source)}\n})`, { filename: file, lineOffset: -1 });
}

/**
 * Finds errors that exist only in modules, such as a second default export or a `return`. The transformer's messages
 * differ from Node's, so they cannot be matched. The first file that does not parse counts.
 * @throws if the isolate cannot load native code.
 */
function unparsedByTransformer(entry: string, language: Language | undefined): Place | undefined {
  for (const { file, source } of sourcesFrom(entry, language)) {
    if (!isModule(file, source)) continue;
    const { errors } = loadTransformer().transformSync(file, source, { sourceType: "module" });
    const { start, end } = errors.find(({ severity }) => (severity as string) === "Error")?.labels.at(-1) ?? {};
    if (start !== undefined && end !== undefined) return { file, source, at: start, length: end - start };
  }
  return undefined;
}

function isModule(file: string, source: string): boolean {
  return file.endsWith(".mjs") || looksLikeModule.test(source);
}

function asScript(source: string): string {
  const blank = (text: string): string => text.replace(/[^\n]/g, " ");
  return source
    .replace(/^#!.*/, blank)
    .replace(/^([ \t]*)import\b(?!\s*[.(])[^;"'`]*(["'])[^"'\n]*\2(?:\s*with\s*\{[^}]*\})?/gm, blank)
    .replace(/^([ \t]*)export\s*(?:\*[^;"'`]*|\{[^}]*\}(?:\s*from)?)\s*(?:(["'])[^"'\n]*\2)?/gm, blank)
    .replace(/^([ \t]*)export([ \t]+)default\b/gm, (text) => "void".padEnd(text.length))
    .replace(/^([ \t]*)export\b/gm, blank)
    .replace(/\bimport\.meta\b/g, "Object.meta");
}

/**
 * All messages of Node about an import that cannot be resolved. `named` is a specifier, the end of one, or the path
 * that it resolves to.
 */
const resolutionErrors = [
  /^(?:Cannot find (?:module|package)|Directory import) '(?<named>[^']+)' .*?imported from (?<importer>.+)$/m,
  /^Package subpath '\.(?<named>[^']+)' is not defined by "exports" in .*? imported from (?<importer>.+)$/m,
  /^Package import specifier "(?<named>[^"]+)" is not defined .*?imported from (?<importer>.+)$/m,
  /^No "exports" main defined in .*?[\\/]node_modules[\\/](?<named>.+?)[\\/]package\.json imported from (?<importer>.+)$/m,
  /^Module "(?<url>file:[^"]+)" needs an import attribute/m,
];

/** Finds the place of an import that cannot be resolved. Some messages have no `importer`. */
function placeOfSpecifier(message: string, entry: string, language: Language | undefined): Place | undefined {
  const groups = resolutionErrors.map((pattern) => pattern.exec(message)?.groups).find((each) => each !== undefined);
  const { named, importer, url } = groups ?? {};
  const meant = named ?? (url && fileURLToPath(url));
  if (meant === undefined) return undefined;
  for (const { file, source } of sourcesFrom(importer ?? entry, language)) {
    const found = importsIn(source).find(({ specifier }) => {
      if (specifier === meant || specifier.startsWith(`${meant}/`)) return true;
      if (meant.startsWith("/") && !specifier.startsWith(".") && specifier.endsWith(meant)) return true;
      return resolve(dirname(file), specifier) === resolve(meant);
    });
    if (found !== undefined) return { file, source, at: found.at, length: found.specifier.length };
    if (importer !== undefined) return undefined;
  }
  return undefined;
}

/** The author's files that `entry` imports, directly or not, in order of discovery. */
function* sourcesFrom(entry: string, language: Language | undefined): Iterable<{ file: string; source: string }> {
  const files = new Set([entry]);
  for (const file of files) {
    const source = readSource(file);
    if (source === undefined) continue;
    yield { file, source };
    const { aliases = [], baseUrl } = language === undefined ? {} : settingsFor(file, language);
    for (const { specifier } of importsIn(source)) {
      const paths = candidatesFor(specifier, dirname(file), { aliases, baseUrl });
      const found = paths.map((path) => findFile(path, /\.[cm]?ts$/.test(file))).find((each) => each !== undefined);
      if (found !== undefined && !isInstalled(found) && files.size < maxFiles) files.add(found);
    }
  }
}

function readSource(file: string): string | undefined {
  try {
    const source = readFileSync(file, "utf8");
    return source.length > maxCharacters ? undefined : source;
  } catch {
    return undefined;
  }
}

/** `file:line`, the line, and a mark below the place. */
function headOf({ file, source, at, length }: Place): string {
  const before = source.slice(0, at);
  const line = before.split("\n").length;
  const column = at - before.lastIndexOf("\n") - 1;
  const text = source.split("\n")[line - 1] ?? "";
  const mark = " ".repeat(column) + "^".repeat(Math.max(1, Math.min(length, text.length - column)));
  return `${file}:${line}\n${text}\n${mark}`;
}
