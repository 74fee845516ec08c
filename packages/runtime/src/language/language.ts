/**
 * Settings that an isolate needs if the project contains TypeScript or ES modules. The server reads them once from the
 * project's files. A project with only CommonJS has none, and costs nothing extra.
 */

export interface Language extends TypeScriptSettings {
  /**
   * Whether some file must be transformed. Then the isolate loads the transformer at its start, not with the first
   * file.
   */
  readonly transforms: boolean;
  /** Whether stacks have the lines of the author's source. That costs time for each stack that is read. */
  readonly sourceMaps: boolean;
  /** Absolute paths of the project's folders. The project's own settings apply in them. */
  readonly roots: readonly string[];
  /** Settings for code outside these folders, from its own `tsconfig.json`. Inner folders come first. */
  readonly outside: readonly (TypeScriptSettings & { readonly folder: string })[];
  /** File → compiled code. For isolates that cannot load native code, so they cannot transform files themselves. */
  readonly prepared?: Readonly<Record<string, Prepared>>;
}

/** Settings of a `tsconfig.json` for the files in its folder. */
export interface TypeScriptSettings {
  readonly options: CompilerOptions;
  readonly aliases: readonly Alias[];
  /** Absolute path. Absent if the file does not set it. */
  readonly baseUrl?: string;
}

/** The settings that apply to a file: those of its own folder, otherwise the project's. */
export function settingsFor(file: string, language: Language): TypeScriptSettings {
  if (isIn(file, language.roots)) return language;
  return language.outside.find(({ folder }) => isIn(file, [folder])) ?? language;
}

export function isIn(file: string, folders: readonly string[]): boolean {
  return folders.some((folder) => file.startsWith(`${folder}/`) || file.startsWith(`${folder}\\`));
}

/** Whether a file belongs to an installed package. Such files are not transformed. */
export function isInstalled(file: string): boolean {
  return /[\\/]node_modules[\\/]/.test(file);
}

/** Options of `tsconfig.json` that affect the transformation, with defaults filled in. */
export interface CompilerOptions {
  readonly experimentalDecorators: boolean;
  readonly emitDecoratorMetadata: boolean;
  readonly strictNullChecks: boolean;
  readonly useDefineForClassFields: boolean;
  readonly verbatimModuleSyntax: boolean;
}

/** One row of `paths`. */
export interface Alias {
  /** With at most one star. */
  readonly pattern: string;
  /** Absolute paths. A star stays where it was. */
  readonly targets: readonly string[];
}

export interface Compiled {
  readonly code: string;
  readonly format: "module" | "commonjs";
}

/** The compiled file, or the message of the error. */
export type Prepared = Compiled | { readonly error: string };

export const typeScriptFile = /(?<!\.d)\.[cm]?ts$/;

/** `lib/words.mts` → `lib/words.mjs`: the name of the file that `tsc` writes. Undefined for other files. */
export function compiledName(file: string): string | undefined {
  return typeScriptFile.test(file) ? file.replace(/ts$/, "js") : undefined;
}

/** Matches files that `require` can run, by their extension. */
export const scriptFile = /(?<!\.d)\.[cm]?[jt]s$/;

/**
 * A fast check. It may match a file that is not a module, but a file that does not match has no `import` or `export`.
 */
export const looksLikeModule = /^[ \t]*(?:import|export)\b|;\s*(?:import|export)\b|\bimport\s*\.\s*meta\b/m;
