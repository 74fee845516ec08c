/** THE table of examinations, in the order of the results. The reference page is made from it. */
import type { Examination } from "./examination.ts";
import { isolateExamination } from "./isolate-examination.ts";
import { machineExaminations } from "./machine-examinations.ts";
import { packageExaminations } from "./package-examinations.ts";
import { projectExaminations } from "./project-examinations.ts";
import { variableExaminations } from "./variable-examinations.ts";

export const examinationTable: readonly Examination[] = [
  ...projectExaminations,
  ...machineExaminations,
  isolateExamination,
  ...packageExaminations,
  ...variableExaminations,
];
