/**
 * What an isolate has to know of a project whose functions are not all plain CommonJS. Made once, by the server, from
 * the project's files; a project without TypeScript and ES modules has none, and pays nothing.
 */

export interface Language {
  /** There is something to transform for sure: the transformer is loaded with the isolate, not with the first file. */
  readonly transforms: boolean;
  /** Stacks are told in the author's lines. It costs each error that is looked at something. */
  readonly sourceMaps: boolean;
  readonly options: CompilerOptions;
  readonly aliases: readonly Alias[];
  /** Absolute path, where `tsconfig.json` has one. */
  readonly baseUrl?: string;
  /** Folders, absolute: what is in them and not in a `node_modules` is the project's own. */
  readonly roots: readonly string[];
  /** File → what was made of it. For isolates that may not load native code; they transform nothing themselves. */
  readonly prepared?: Readonly<Record<string, Prepared>>;
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

/** A guess that is never wrong in the cheap direction: what it does not match has no `import` and no `export`. */
export const looksLikeModule = /^[ \t]*(?:import|export)\b|;\s*(?:import|export)\b|\bimport\s*\.\s*meta\b/m;
