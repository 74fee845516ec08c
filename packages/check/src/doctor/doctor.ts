/**
 * Runs all examinations of one project, and prints the results.
 */
import { pluralize, excerpt } from "@offhook/runtime/internal/printable";
import { examinationTable } from "./examination-table.ts";
import { warning } from "./result.ts";
import type { Examination } from "./examination.ts";
import type { Mark, Result } from "./result.ts";
import type { ExaminedProject } from "./examined-project.ts";

export interface Diagnosis {
  readonly folder: string;
  readonly results: readonly (Result & { readonly id: string })[];
}

export async function diagnose(
  examined: ExaminedProject,
  examinations: readonly Examination[] = examinationTable,
): Promise<Diagnosis> {
  const results = await Promise.all(
    examinations.map(async ({ id, examine }) =>
      (await attempt(examine, examined)).map((result) => ({ id, ...result })),
    ),
  );
  return { folder: examined.folder, results: results.flat() };
}

/** If one examination fails, the others still run. */
async function attempt(examine: Examination["examine"], examined: ExaminedProject): Promise<readonly Result[]> {
  try {
    return await examine(examined);
  } catch (error) {
    return [warning(`An examination failed: ${excerpt((error as Error).message, 200)}`, "Check this yourself.")];
  }
}

export function countOf({ results }: Diagnosis, mark: Mark): number {
  return results.filter((result) => result.mark === mark).length;
}

const colours: Readonly<Record<Mark, number>> = { ok: 32, warning: 33, problem: 31 };

export function textOf(diagnosis: Diagnosis, hasColours: boolean): string {
  const lines = diagnosis.results.flatMap(({ mark, message, next }) => {
    const word = mark.padEnd(7);
    const shown = hasColours ? `\u001b[${colours[mark]}m${word}\u001b[39m` : word;
    return [`${shown}  ${message}`, ...(next === undefined ? [] : [`         → ${next}`])];
  });
  return `${[...lines, "", closingOf(diagnosis)].join("\n")}\n`;
}

function closingOf(diagnosis: Diagnosis): string {
  const problems = countOf(diagnosis, "problem");
  const warnings = countOf(diagnosis, "warning");
  if (problems + warnings === 0) return "No problems found.";
  const counts = [pluralize(problems, "problem"), pluralize(warnings, "warning")].join(", ");
  return problems > 0 ? `${counts}. Fix the problems first.` : `${counts}. Functions can run, but check the warnings.`;
}

export function jsonOf(diagnosis: Diagnosis): string {
  const counts = { problems: countOf(diagnosis, "problem"), warnings: countOf(diagnosis, "warning") };
  return `${JSON.stringify({ ...diagnosis, ...counts })}\n`;
}
