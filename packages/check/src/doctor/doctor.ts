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

/** One that fails leaves the others be. */
async function attempt(examine: Examination["examine"], examined: ExaminedProject): Promise<readonly Result[]> {
  try {
    return await examine(examined);
  } catch (error) {
    return [warning(`This could not be looked at: ${excerpt((error as Error).message, 200)}`, "Look at it yourself.")];
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
  if (problems + warnings === 0) return "All is well.";
  const counts = [pluralize(problems, "problem"), pluralize(warnings, "warning")].join(", ");
  return problems > 0 ? `${counts}: see to the problems first.` : `${counts}: it runs, but look at what is named.`;
}

export function jsonOf(diagnosis: Diagnosis): string {
  const counts = { problems: countOf(diagnosis, "problem"), warnings: countOf(diagnosis, "warning") };
  return `${JSON.stringify({ ...diagnosis, ...counts })}\n`;
}
