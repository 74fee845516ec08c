/**
 * What is known of a source file when it has been parsed: what it imports, what it exports, and what it does with the things
 * that the platform gives it. Plain data, since it crosses from the thread that parses. Types only, but for two questions to ask of it.
 */

export interface Place {
  /** From 1, as editors count. */
  readonly line: number;
  readonly column: number;
}

/** Why there are no facts. */
export interface SourceProblem extends Place {
  readonly kind: "unreadable" | "too-large" | "syntax";
  readonly message: string;
  /** The line itself, where it is about one. */
  readonly frame?: string;
}

export interface Import extends Place {
  readonly specifier: string;
  readonly kind: "require" | "import" | "dynamic";
  /** It stands in a `try`: the file can do without. */
  readonly isGuarded: boolean;
}

/** An argument, as far as it can be told without running anything. */
export type Argument =
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  | { readonly kind: "list"; readonly items: readonly Argument[] }
  | { readonly kind: "object"; readonly entries: readonly { readonly key: string; readonly value: Argument }[] }
  | { readonly kind: "chain"; readonly steps: readonly Step[] }
  | { readonly kind: "unknown" };

/** One link of `context.getTwilioClient().messages`. */
export interface Step extends Place {
  /** Undefined for what is only known when it runs: `context[name]`. */
  readonly name: string | undefined;
  /** Of a call, or of `new`. */
  readonly args?: readonly Argument[];
  /** It is not there, perhaps: `?.` stands in front of it. */
  readonly isOptional?: true;
}

/**
 * A use of something whose origin is known. The first step is the origin: `context`, `event` or `callback` of a handler, a global
 * such as `Runtime`, or a module (`node:fs`). Variables on the way are seen through.
 */
export interface Reference extends Place {
  readonly steps: readonly Step[];
  readonly isWritten: boolean;
  /** Asked for before it is used, or given a fallback: it may be missing. */
  readonly isTested: boolean;
  readonly isInFunction: boolean;
}

export interface Handler extends Place {
  readonly parameters: number;
  /** Or `...args`, or `arguments`: it may. */
  readonly usesCallback: boolean;
}

export interface Facts {
  /** The first statement that makes it an ES module. */
  readonly moduleSyntax: Place | undefined;
  readonly imports: readonly Import[];
  readonly references: readonly Reference[];
  readonly exports: readonly ({ readonly name: string } & Place)[];
  /** It exports something that only running it tells. */
  readonly exportsUnknown: boolean;
  /** Where the handler is a function that can be seen. */
  readonly handler: Handler | undefined;
  /** Variables of module scope that functions change. */
  readonly moduleState: readonly ({ readonly name: string } & Place)[];
  /** Work that begins, or goes on, behind a call of `callback`. */
  readonly afterCallback: readonly Place[];
}

export interface Source {
  /** Absolute. */
  readonly file: string;
  readonly problem: SourceProblem | undefined;
  readonly facts: Facts;
}

export const noFacts: Facts = {
  moduleSyntax: undefined,
  imports: [],
  references: [],
  exports: [],
  exportsUnknown: true,
  handler: undefined,
  moduleState: [],
  afterCallback: [],
};

/** Whether it begins with these names: `beginsWith(reference, "Runtime", "getAssets")`. */
export function beginsWith({ steps }: Pick<Reference, "steps">, ...names: readonly string[]): boolean {
  return steps.length >= names.length && names.every((name, index) => steps[index]?.name === name);
}

/** The text of an argument that is a string. */
export function textOf(argument: Argument | undefined): string | undefined {
  return argument?.kind === "literal" && typeof argument.value === "string" ? argument.value : undefined;
}
