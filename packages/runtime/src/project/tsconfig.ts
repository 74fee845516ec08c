/**
 * Reads options from a project's `tsconfig.json`, and from the files that it extends. `get-tsconfig` does not fit: it
 * throws for a base that is not installed, it does not throw for a malformed file, and importing it takes three times
 * the processor time of this file.
 */
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { isIn, isInstalled, type Alias, type CompilerOptions } from "../language/language.ts";
import { readJsonFile } from "../json-file.ts";

export interface TsConfig {
  readonly options: CompilerOptions;
  readonly aliases: readonly Alias[];
  readonly baseUrl?: string;
  readonly outDir?: string;
  readonly warnings: readonly string[];
}

type RawConfig = Readonly<Record<string, unknown>>;

/**
 * Returns the usual options if the file does not exist.
 * @param isSelfContained the file may extend only files of the folder and installed packages.
 * @throws OffhookError `file-malformed` with file, line and column.
 */
export async function readTsConfig(folder: string, isSelfContained = false): Promise<TsConfig> {
  const warnings: string[] = [];
  const raw = (await readOptions(join(folder, "tsconfig.json"), { folder, isSelfContained, warnings }, [])) ?? {};
  return { ...configOf(raw), warnings };
}

/** The folder for `tsc`'s output. Undefined if it writes beside the sources, and for a file that cannot be read. */
export async function outDirOf(folder: string): Promise<string | undefined> {
  return await readTsConfig(folder).then(
    ({ outDir }) => outDir,
    () => undefined,
  );
}

function configOf(raw: RawConfig): TsConfig {
  const is = (name: string, otherwise = false): boolean => (typeof raw[name] === "boolean" ? raw[name] : otherwise);
  const options: CompilerOptions = {
    experimentalDecorators: is("experimentalDecorators"),
    emitDecoratorMetadata: is("emitDecoratorMetadata"),
    strictNullChecks: is("strictNullChecks", is("strict", true)),
    useDefineForClassFields: is("useDefineForClassFields", definesFields(raw["target"])),
    verbatimModuleSyntax: is("verbatimModuleSyntax", is("preserveValueImports")),
  };
  const { paths, baseUrl, outDir } = raw as { paths?: Alias[]; baseUrl?: string; outDir?: string };
  return {
    options,
    aliases: paths ?? [],
    ...(baseUrl !== undefined && { baseUrl }),
    ...(outDir !== undefined && { outDir }),
    warnings: [],
  };
}

/** For a project without a `tsconfig.json`. */
export const usualTsConfig: TsConfig = configOf({});

/** For targets older than class fields, fields are set and not defined. Without a target they work as in JavaScript. */
function definesFields(target: unknown): boolean {
  if (typeof target !== "string") return true;
  const [, year] = /^es(\d+)$/i.exec(target) ?? [];
  return year === undefined || Number(year) >= 2022;
}

interface Reading {
  readonly folder: string;
  readonly isSelfContained: boolean;
  readonly warnings: string[];
}

/** Reads options and makes their paths absolute. Each path is relative to the file that contains it. */
async function readOptions(file: string, project: Reading, seen: readonly string[]): Promise<RawConfig | undefined> {
  const content = await readJsonFile(file);
  if (content === undefined || seen.includes(file)) return undefined;
  const folder = dirname(file);
  let inherited: RawConfig = {};
  for (const base of [content["extends"]].flat()) {
    if (typeof base !== "string") continue;
    const path = findBase(base, file, project);
    const found = path && (await readOptions(path, project, [...seen, file]));
    // It may be a package for development only, which a server does not have. Most of its options are for editors.
    if (!found) project.warnings.push(`${file} extends ${base}, which does not exist. Its options are ignored.`);
    else inherited = { ...inherited, ...found };
  }
  const ownOptions = content["compilerOptions"];
  const options = typeof ownOptions === "object" && ownOptions !== null ? (ownOptions as RawConfig) : {};
  const absolute = (path: string, from = folder): string => resolve(from, path.replace("${configDir}", project.folder));
  const baseUrl = typeof options["baseUrl"] === "string" ? absolute(options["baseUrl"]) : inherited["baseUrl"];
  const paths = options["paths"];
  return {
    ...inherited,
    ...options,
    ...(baseUrl !== undefined && { baseUrl }),
    ...(typeof options["outDir"] === "string" && { outDir: absolute(options["outDir"]) }),
    ...(typeof paths === "object" &&
      paths !== null && {
        paths: aliasesOf(paths as RawConfig, (path) => absolute(path, (baseUrl as string | undefined) ?? folder)),
      }),
  };
}

function aliasesOf(paths: RawConfig, absolute: (path: string) => string): Alias[] {
  return Object.entries(paths).map(([pattern, targets]) => ({
    pattern,
    targets: [targets]
      .flat()
      .filter((target) => typeof target === "string")
      .map(absolute),
  }));
}

/** Finds the file as `tsc` does: with or without its extension, or in a package. */
function findBase(base: string, file: string, { folder, isSelfContained }: Reading): string | undefined {
  const { resolve: find } = createRequire(file);
  const isPath = /^\.{0,2}\//.test(base);
  const isAllowed = (path: string): boolean =>
    !isSelfContained || isIn(path, [folder]) || (!isPath && isInstalled(path));
  for (const name of [base, `${base}.json`, `${base}/tsconfig.json`]) {
    try {
      const path = find(name);
      if (path.endsWith(".json") && isAllowed(path)) return path;
    } catch {
      if (isPath) continue;
    }
  }
  return undefined;
}
