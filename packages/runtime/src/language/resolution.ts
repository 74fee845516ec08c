/**
 * Which file an import of the project means, where Node alone would find none: extensions left out or written as they
 * will be, folders, and the aliases of `tsconfig.json`. `oxc-resolver` does not fit: isolates load this file, and a hardened
 * isolate can load nothing native.
 */
import { createRequire } from "node:module";
import { dirname, extname, join, resolve } from "node:path";
import { isInstalled, type Alias } from "./language.ts";

const { realpathSync, statSync } = process.getBuiltinModule("node:fs");

/** The first that is there. */
const forTypeScript = [".ts", ".js", ".json", ".mts", ".cts", ".mjs", ".cjs"];
const forJavaScript = [".js", ".json", ".ts", ".mjs", ".cjs", ".mts", ".cts"];
/** TypeScript has authors write the extension that the file would have after compiling. */
const written: Readonly<Record<string, string>> = { ".js": ".ts", ".mjs": ".mts", ".cjs": ".cts" };

/** The file that `path` means. TypeScript finds its like first, JavaScript finds what Node would find first. */
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

/** Paths that a bare specifier may mean by the aliases, in order. Only the best pattern counts, as for `tsc`. */
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

/** Absolute paths that a specifier may mean, the project's own ways included. */
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
 * Workspaces link packages of the author's into `node_modules`. Such a package is found as Node finds it, and also
 * where Node would want an extension. Undefined for an installed package, and for one that is not there.
 */
export function findInLinkedPackage(specifier: string, from: string, isFromTypeScript: boolean): string | undefined {
  if (linkedFolder(nameOf(specifier), from) === undefined) return undefined;
  try {
    return realpathSync(createRequire(join(from, "import.js")).resolve(specifier));
  } catch (error) {
    return findUnresolved(specifier, from, isFromTypeScript, error);
  }
}

/** After Node has failed with this error. */
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

/** `main` and `exports` may name a file with the extension that it has once it is compiled, or with none. */
function findNamedIn(error: unknown, isFromTypeScript: boolean): string | undefined {
  const named = /^Cannot find (?:module|package) '((?:\/|[A-Za-z]:\\)[^']+)'/.exec((error as Error).message)?.[1];
  const file = named === undefined ? undefined : findFile(named, isFromTypeScript);
  const real = file && realPath(file);
  return real === undefined || isInstalled(real) ? undefined : real;
}

/** `@a/b/c` → `@a/b`. Empty for what names no package. */
function nameOf(specifier: string): string {
  return /^(?:@[^/]+\/)?[^/@.#][^/]*/.exec(specifier)?.[0] ?? "";
}

/** The folder of a package that is linked from outside of any `node_modules`. */
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

/** What may not be looked at is as good as missing: a hardened isolate may look at little. */
function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    return false;
  }
}
