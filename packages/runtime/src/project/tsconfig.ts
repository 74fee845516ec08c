/**
 * What is taken from a project's `tsconfig.json`, and from those that it extends. `get-tsconfig` does not fit: a base that is
 * not installed is an error there, a malformed file is not, and importing it takes three times the processor time of this file.
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
 * With what is usual where there is no such file.
 * @param isSelfContained it extends files of the folder and installed packages, and nothing else.
 * @throws OffhookError `file-malformed` with file, line and column.
 */
export async function readTsConfig(folder: string, isSelfContained = false): Promise<TsConfig> {
  const warnings: string[] = [];
  const raw = (await readOptions(join(folder, "tsconfig.json"), { folder, isSelfContained, warnings }, [])) ?? {};
  return { ...configOf(raw), warnings };
}

/** Where `tsc` writes what it makes: undefined for beside the sources, and for a file that cannot be read. */
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

/** Of a project that has none. */
export const usualTsConfig: TsConfig = configOf({});

/** Fields are set, not defined, for what is older than they are. Without a target they are as in JavaScript. */
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

/** Options with their paths made absolute: each counts from the file that it stands in. */
async function readOptions(file: string, project: Reading, seen: readonly string[]): Promise<RawConfig | undefined> {
  const content = await readJsonFile(file);
  if (content === undefined || seen.includes(file)) return undefined;
  const folder = dirname(file);
  let inherited: RawConfig = {};
  for (const base of [content["extends"]].flat()) {
    if (typeof base !== "string") continue;
    const path = findBase(base, file, project);
    const found = path && (await readOptions(path, project, [...seen, file]));
    // It may be a package for development only, which a server has not got; most of what is in it is for the editor.
    if (!found) project.warnings.push(`${file} extends ${base}, which is not there: its options do not count.`);
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

/** As `tsc` looks for it: with or without its extension, or in a package. */
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
