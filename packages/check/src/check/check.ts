/**
 * Runs all rules on one project.
 */
import type { CheckedProject } from "./checked-project.ts";
import { featuresOf } from "./features.ts";
import type { Feature } from "./features.ts";
import { ruleTable } from "./rule-table.ts";
import type { RuleFinding, Rule, Severity } from "./rule.ts";

export interface Finding extends RuleFinding {
  readonly rule: string;
  readonly severity: Severity;
  readonly next: string;
}

export interface CheckResult {
  readonly folder: string;
  readonly functions: number;
  readonly assets: number;
  /** The number of source files that were read. */
  readonly sources: number;
  /** The folder of the build output, if that was checked instead of the sources. */
  readonly build?: string;
  /** Ordered by file, then by place, so each run gives the same order. */
  readonly findings: readonly Finding[];
  readonly uses: readonly Feature[];
}

/** @param ignored ids of rules to skip. */
export function check(
  project: CheckedProject,
  ignored: readonly string[] = [],
  rules: readonly Rule[] = ruleTable,
): CheckResult {
  const { service, sources, build } = project;
  const findings = rules
    .filter(({ id }) => !ignored.includes(id) && !(build?.isThere === false && ofSources.has(id)))
    .flatMap(({ id, severity, next, find }) =>
      [...find(project)].map((found) => ({ ...found, rule: id, severity, next })),
    );
  return {
    folder: service.folder,
    functions: service.functions.length,
    assets: service.assets.length,
    sources: sources.length,
    ...(build?.isThere && { build: build.functionsFolder }),
    findings: withoutRepetition(findings).toSorted(byPlace),
    uses: featuresOf(project),
  };
}

/** Rules for sources that a build would change. If the output is missing, these rules are skipped. */
const ofSources = new Set(["typescript", "typescript-served", "es-module", "relative-require", "asset-typescript"]);

/** A value that is used in several places gives several findings at the place where it was read. Keeps one. */
function withoutRepetition(findings: readonly Finding[]): Finding[] {
  const keyOf = ({ rule, file, line, column, message }: Finding): string =>
    JSON.stringify([rule, file, line, column, line === undefined ? message : ""]);
  return [...new Map(findings.map((finding) => [keyOf(finding), finding])).values()];
}

function byPlace(a: Finding, b: Finding): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  const [lineA = 0, lineB = 0, columnA = 0, columnB = 0] = [a.line, b.line, a.column, b.column];
  if (lineA !== lineB) return lineA - lineB;
  if (columnA !== columnB) return columnA - columnB;
  return a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : a.message < b.message ? -1 : 1;
}
