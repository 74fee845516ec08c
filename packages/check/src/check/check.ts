/**
 * All rules over one project.
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
  /** Files of source that were read. */
  readonly sources: number;
  /** The folder that a build has made, where that was checked and not the sources. */
  readonly build?: string;
  /** By file, then by place: the same at each run. */
  readonly findings: readonly Finding[];
  readonly uses: readonly Feature[];
}

/** @param ignored ids of rules. */
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

/** What a build takes care of: it is judged by its output, once that is there. */
const ofSources = new Set(["typescript", "es-module", "relative-require", "asset-typescript"]);

/** What a variable holds is used in several places, and wrong in the one where it was got. */
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
