/**
 * What an isolate has to know of a project whose functions are not all plain CommonJS. Made once, by the server, from
 * the project's files; a project without TypeScript and ES modules has none, and pays nothing.
 */

export interface Language extends TypeScriptSettings {
  /** There is something to transform for sure: the transformer is loaded with the isolate, not with the first file. */
  readonly transforms: boolean;
  /** Stacks are told in the author's lines. It costs each error that is looked at something. */
  readonly sourceMaps: boolean;
  /** Folders of the project, absolute. Its own settings hold in them. */
  readonly roots: readonly string[];
  /** Of code outside of these folders, the settings of its own `tsconfig.json`. Inner folders come first. */
  readonly outside: readonly (TypeScriptSettings & { readonly folder: string })[];
  /** File → what was made of it. For isolates that may not load native code; they transform nothing themselves. */
  readonly prepared?: Readonly<Record<string, Prepared>>;
}

/** What a `tsconfig.json` says about the files in its folder. */
export interface TypeScriptSettings {
  readonly options: CompilerOptions;
  readonly aliases: readonly Alias[];
  /** Absolute path. Absent where it has none. */
  readonly baseUrl?: string;
}

/** The settings that hold for a file: of its own folder, or else the project's. */
export function settingsFor(file: string, language: Language): TypeScriptSettings {
  if (isIn(file, language.roots)) return language;
  return language.outside.find(({ folder }) => isIn(file, [folder])) ?? language;
}

export function isIn(file: string, folders: readonly string[]): boolean {
  return folders.some((folder) => file.startsWith(`${folder}/`) || file.startsWith(`${folder}\\`));
}

/** Packages that were installed are left as they are, wherever they lie. */
export function isInstalled(file: string): boolean {
  return /[\\/]node_modules[\\/]/.test(file);
}

/** What is taken from `tsconfig.json` for the transformation, with the defaults put in. */
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
  /** Absolute, the star where it was. */
  readonly targets: readonly string[];
}

export interface Compiled {
  readonly code: string;
  readonly format: "module" | "commonjs";
}

/** Or the message of the error that came of it. */
export type Prepared = Compiled | { readonly error: string };

export const typeScriptFile = /(?<!\.d)\.[cm]?ts$/;

/** `lib/words.mts` → `lib/words.mjs`: what `tsc` calls the file that it makes. Undefined for what it does not compile. */
export function compiledName(file: string): string | undefined {
  return typeScriptFile.test(file) ? file.replace(/ts$/, "js") : undefined;
}

/** By their extensions: what `require` runs. */
export const scriptFile = /(?<!\.d)\.[cm]?[jt]s$/;

/** A guess that is never wrong in the cheap direction: what it does not match has no `import` and no `export`. */
export const looksLikeModule = /^[ \t]*(?:import|export)\b|;\s*(?:import|export)\b|\bimport\s*\.\s*meta\b/m;
