/**
 * Which file an import of the project means, where Node alone would find none: extensions left out or written as they
 * will be, folders, and the aliases of `tsconfig.json`.
 */
import { extname, join, resolve } from "node:path";
import type { Alias } from "./language.ts";

const { statSync } = process.getBuiltinModule("node:fs");

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

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
