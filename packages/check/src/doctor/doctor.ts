/**
 * All examinations of one patient, and what is told of them.
 */
import { pluralize, excerpt } from "@offhook/runtime/internal/printable";
import { examinationTable } from "./examination-table.ts";
import { warning } from "./result.ts";
import type { Examination } from "./examination.ts";
import type { Mark, Result } from "./result.ts";
import type { Patient } from "./patient.ts";

export interface Diagnosis {
  readonly folder: string;
  readonly results: readonly (Result & { readonly id: string })[];
}

export async function diagnose(
  patient: Patient,
  examinations: readonly Examination[] = examinationTable,
): Promise<Diagnosis> {
  const results = await Promise.all(
    examinations.map(async ({ id, examine }) => (await attempt(examine, patient)).map((result) => ({ id, ...result }))),
  );
  return { folder: patient.folder, results: results.flat() };
}

/** One that fails leaves the others be. */
async function attempt(examine: Examination["examine"], patient: Patient): Promise<readonly Result[]> {
  try {
    return await examine(patient);
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
  const told = [pluralize(problems, "problem"), pluralize(warnings, "warning")].join(", ");
  return problems > 0 ? `${told}: see to the problems first.` : `${told}: it runs, but look at what is named.`;
}

export function jsonOf(diagnosis: Diagnosis): string {
  const counts = { problems: countOf(diagnosis, "problem"), warnings: countOf(diagnosis, "warning") };
  return `${JSON.stringify({ ...diagnosis, ...counts })}\n`;
}
