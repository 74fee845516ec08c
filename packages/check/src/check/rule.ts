/**
 * The shape of a rule. Each rule is one object in a list in `rules/`, and `rule-table.ts` has all of them.
 */
import { beginsWith } from "../analysis/facts.ts";
import type { Reference, Step } from "../analysis/facts.ts";
import type { CheckedProject, CheckedSource } from "./checked-project.ts";

/**
 * `error`: fails on hosted Functions, or on both. `warning`: behaves differently there, or is probably a mistake.
 * `info`: good to know.
 */
export type Severity = "error" | "warning" | "info";

export interface RuleFinding {
  /** Relative to the project's folder. */
  readonly file: string;
  /** From 1. Absent if the finding is about the whole file. */
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
  /** The line of source. */
  readonly frame?: string;
}

export interface Rule {
  /** Stable: people search for it, and `--ignore` accepts it. */
  readonly id: string;
  readonly severity: Severity;
  /** The part of the contract that the rule is based on. */
  readonly contract: string;
  /** The page with details, relative to `docs/reference/`. */
  readonly page: string;
  /** For the reference: completes "It finds …". */
  readonly finds: string;
  /** How to fix it. */
  readonly next: string;
  readonly find: (project: CheckedProject) => Iterable<RuleFinding>;
}

export interface Use {
  readonly source: CheckedSource;
  readonly reference: Reference;
  /** The steps after the requested names. */
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

/** A finding at a place in a source. */
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
