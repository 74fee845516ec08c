/**
 * Facts about a parsed source file: its imports, its exports, and its uses of the platform's objects. The parser's thread
 * sends them, so they are plain data. The file has only types and two small functions.
 */

export interface Place {
  /** From 1, as in editors. */
  readonly line: number;
  readonly column: number;
}

/** The reason why there are no facts. */
export interface SourceProblem extends Place {
  readonly kind: "unreadable" | "too-large" | "syntax";
  readonly message: string;
  /** The line of source, if the problem is about one. */
  readonly frame?: string;
}

export interface Import extends Place {
  readonly specifier: string;
  readonly kind: "require" | "import" | "dynamic";
  /** Whether it is inside a `try`. Then the file also works without the import. */
  readonly isGuarded: boolean;
}

/** An argument, as far as it is known without running the code. */
export type Argument =
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  | { readonly kind: "list"; readonly items: readonly Argument[] }
  | { readonly kind: "object"; readonly entries: readonly { readonly key: string; readonly value: Argument }[] }
  | { readonly kind: "chain"; readonly steps: readonly Step[] }
  | { readonly kind: "unknown" };

/** One link of `context.getTwilioClient().messages`. */
export interface Step extends Place {
  /** Undefined if it is known only at run time: `context[name]`. */
  readonly name: string | undefined;
  /** Arguments of a call, or of `new`. */
  readonly args?: readonly Argument[];
  /** Whether `?.` is before it, so it may be missing. */
  readonly isOptional?: true;
}

/**
 * A use of something with a known origin. The first step is the origin: `context`, `event` or `callback` of a handler,
 * a global such as `Runtime`, or a module (`node:fs`). Variables in between are resolved.
 */
export interface Reference extends Place {
  readonly steps: readonly Step[];
  readonly isWritten: boolean;
  /** Whether the code tests it first, or has a fallback. Then it may be missing. */
  readonly isTested: boolean;
  readonly isInFunction: boolean;
}

export interface Handler extends Place {
  readonly parameters: number;
  /** Also true with `...args` or `arguments`, which may use it. */
  readonly usesCallback: boolean;
}

export interface Facts {
  /** The first statement that makes the file an ES module. */
  readonly moduleSyntax: Place | undefined;
  readonly imports: readonly Import[];
  readonly references: readonly Reference[];
  readonly exports: readonly ({ readonly name: string } & Place)[];
  /** Whether it has exports that are known only at run time. */
  readonly exportsUnknown: boolean;
  /** Set if the handler is a function in this file. */
  readonly handler: Handler | undefined;
  /** Variables of module scope that functions change. */
  readonly moduleState: readonly ({ readonly name: string } & Place)[];
  /** Work that starts or continues after a call of `callback`. */
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

/** Whether the chain starts with these names: `beginsWith(reference, "Runtime", "getAssets")`. */
export function beginsWith({ steps }: Pick<Reference, "steps">, ...names: readonly string[]): boolean {
  return steps.length >= names.length && names.every((name, index) => steps[index]?.name === name);
}

/** The value of an argument that is a string literal. */
export function textOf(argument: Argument | undefined): string | undefined {
  return argument?.kind === "literal" && typeof argument.value === "string" ? argument.value : undefined;
}
