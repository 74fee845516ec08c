/**
 * Finds the file of an import that Node alone cannot resolve: missing extensions, extensions of the compiled file,
 * folders, and the aliases of `tsconfig.json`. It does not use `oxc-resolver`, because isolates load this file, and a
 * hardened isolate cannot load native code.
 */
import { createRequire } from "node:module";
import { dirname, extname, join, resolve } from "node:path";
import { isInstalled, type Alias } from "./language.ts";

const { realpathSync, statSync } = process.getBuiltinModule("node:fs");

/** Extensions in the order in which they are tried. */
const forTypeScript = [".ts", ".js", ".json", ".mts", ".cts", ".mjs", ".cjs"];
const forJavaScript = [".js", ".json", ".ts", ".mjs", ".cjs", ".mts", ".cts"];
/**
 * Extension in an import → extension of the source. TypeScript expects the extension of the compiled file in imports.
 */
const written: Readonly<Record<string, string>> = { ".js": ".ts", ".mjs": ".mts", ".cjs": ".cts" };

/** The file that `path` means. Imports from TypeScript prefer TypeScript files, others prefer Node's order. */
export function findFile(path: string, isFromTypeScript: boolean): string | undefined {
  if (isFile(path)) return path;
  const extension = extname(path);
  const source = written[extension];
  if (source !== undefined) {
    const candidate = path.slice(0, -extension.length) + source;
    if (isFile(candidate)) return candidate;
  }
  const extensions = isFromTypeScript ? forTypeScript : forJavaScript;
  const found = extensions.map((each) => path + each).find(isFile);
  return found ?? extensions.map((each) => join(path, `index${each}`)).find(isFile);
}

/** Paths that a bare specifier may mean because of the aliases, in order. Only the best pattern counts, as in `tsc`. */
export function aliased(specifier: string, aliases: readonly Alias[]): string[] {
  let best: { readonly prefix: number; readonly paths: string[] } | undefined;
  for (const { pattern, targets } of aliases) {
    if (pattern === specifier) return [...targets];
    const [before = "", after] = pattern.split("*");
    if (after === undefined || specifier.length < before.length + after.length) continue;
    if (!specifier.startsWith(before) || !specifier.endsWith(after)) continue;
    if (best !== undefined && best.prefix >= before.length) continue;
    const star = specifier.slice(before.length, specifier.length - after.length);
    best = { prefix: before.length, paths: targets.map((target) => target.replace("*", () => star)) };
  }
  return best?.paths ?? [];
}

/** Absolute paths that a specifier may mean, including the project's aliases and `baseUrl`. */
export function candidatesFor(
  specifier: string,
  from: string,
  { aliases, baseUrl }: { readonly aliases: readonly Alias[]; readonly baseUrl?: string | undefined },
): string[] {
  if (/^\.{0,2}\//.test(specifier) || specifier === "." || specifier === "..") return [resolve(from, specifier)];
  if (specifier.startsWith("#") && aliases.length === 0) return [];
  const paths = aliased(specifier, aliases);
  return baseUrl === undefined ? paths : [...paths, resolve(baseUrl, specifier)];
}

/**
 * Resolves a package that a workspace links into `node_modules`. It is found as Node finds it, even if the extension
 * that Node requires is missing. Undefined for installed packages and for missing ones.
 */
export function findInLinkedPackage(specifier: string, from: string, isFromTypeScript: boolean): string | undefined {
  if (linkedFolder(nameOf(specifier), from) === undefined) return undefined;
  try {
    return realpathSync(createRequire(join(from, "import.js")).resolve(specifier));
  } catch (error) {
    return findUnresolved(specifier, from, isFromTypeScript, error);
  }
}

/** Resolves a specifier after Node has failed with this error. */
export function findUnresolved(
  specifier: string,
  from: string,
  isFromTypeScript: boolean,
  error: unknown,
): string | undefined {
  const name = nameOf(specifier);
  const folder = linkedFolder(name, from);
  const named = findNamedIn(error, isFromTypeScript);
  if (named !== undefined || folder === undefined) return named;
  const file = findFile(join(folder, specifier.slice(name.length)), isFromTypeScript);
  return file && realpathSync(file);
}

/** Finds the file that `main` or `exports` names with the extension of its compiled file, or without an extension. */
function findNamedIn(error: unknown, isFromTypeScript: boolean): string | undefined {
  const named = /^Cannot find (?:module|package) '((?:\/|[A-Za-z]:\\)[^']+)'/.exec((error as Error).message)?.[1];
  const file = named === undefined ? undefined : findFile(named, isFromTypeScript);
  const real = file && realPath(file);
  return real === undefined || isInstalled(real) ? undefined : real;
}

/** `@a/b/c` → `@a/b`. Empty if the specifier does not name a package. */
function nameOf(specifier: string): string {
  return /^(?:@[^/]+\/)?[^/@.#][^/]*/.exec(specifier)?.[0] ?? "";
}

/** The folder of a linked package that is outside any `node_modules`. */
function linkedFolder(name: string, from: string): string | undefined {
  if (name === "") return undefined;
  const real = realPath(join(from, "node_modules", name));
  if (real !== undefined) return isInstalled(real) ? undefined : real;
  const above = dirname(from);
  return above === from ? undefined : linkedFolder(name, above);
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Treats files that cannot be read as missing, because a hardened isolate can read only a few folders. */
function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    return false;
  }
}
