/**
 * Projects for the doctor: files in, results of one examination out.
 */
import type { TestContext } from "node:test";

import { makeProject } from "../../../runtime/test/unit/project/temp-project.ts";
import { diagnose } from "../../src/doctor/doctor.ts";
import { examinationTable } from "../../src/doctor/examination-table.ts";
import { readExaminedProject } from "../../src/doctor/examined-project.ts";
import type { ExaminedProjectOptions } from "../../src/doctor/examined-project.ts";

type Files = Readonly<Record<string, string>>;

export const anyFunction = { "functions/a.js": "exports.handler = (context, event, callback) => callback();" };

/** `warning: message → next` for each result of one examination. */
export async function examined(
  t: TestContext,
  id: string,
  files: Files,
  options: Partial<ExaminedProjectOptions> = {},
): Promise<string[]> {
  return await examinedFolder(makeProject(t, { ...anyFunction, ...files }), id, options);
}

export async function examinedFolder(
  folder: string,
  id: string,
  options: Partial<ExaminedProjectOptions> = {},
): Promise<string[]> {
  const project = await readExaminedProject(folder, { flags: {}, environment: {}, askTime: undefined, ...options });
  const chosen = examinationTable.filter((each) => each.id === id);
  if (chosen.length !== 1) throw new Error(`There is no examination ${id}`);
  const { results } = await diagnose(project, chosen);
  return results.map(({ mark, message, next }) => `${mark}: ${message}${next === undefined ? "" : ` → ${next}`}`);
}
