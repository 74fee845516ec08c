/**
 * What a rule is. Each is one object in one of the lists in `rules/`, and `rule-table.ts` has them all.
 */
import { beginsWith } from "../analysis/facts.ts";
import type { Reference, Step } from "../analysis/facts.ts";
import type { CheckedProject, CheckedSource } from "./checked-project.ts";

/**
 * `error`: it fails on hosted Functions, or on both. `warning`: it does not do there what it does here, or probably not what was
 * meant. `info`: good to know.
 */
export type Severity = "error" | "warning" | "info";

export interface RuleFinding {
  /** From the project's folder. */
  readonly file: string;
  /** From 1; absent where it is about all of the file. */
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
  /** The line of source. */
  readonly frame?: string;
}

export interface Rule {
  /** Stable: it is what people search for, and what `--ignore` takes. */
  readonly id: string;
  readonly severity: Severity;
  /** Where the contract says so. */
  readonly contract: string;
  /** The page that says more, from `docs/reference/`. */
  readonly page: string;
  /** What is found, for the reference: completes "It finds …". */
  readonly finds: string;
  /** What to do about it. */
  readonly next: string;
  readonly find: (project: CheckedProject) => Iterable<RuleFinding>;
}

export interface Use {
  readonly source: CheckedSource;
  readonly reference: Reference;
  /** The steps behind the names that were asked for. */
  readonly rest: readonly Step[];
}

/** All uses of something in the sources: `usesOf(project, "Runtime", "getFunctions")`. */
export function usesOf({ sources }: CheckedProject, ...names: readonly string[]): Use[] {
  return sources.flatMap((source) =>
    source.facts.references
      .filter((reference) => beginsWith(reference, ...names))
      .map((reference) => ({ source, reference, rest: reference.steps.slice(names.length) })),
  );
}

/** At that place of a source. */
export function at(
  { file }: CheckedSource,
  { line, column }: { readonly line: number; readonly column: number },
  message: string,
): RuleFinding {
  return { file, line, column, message };
}

/** Files that are deployed as functions. */
export function functionsOf({ sources }: CheckedProject): CheckedSource[] {
  return sources.filter(({ resource }) => resource?.kind === "function");
}
