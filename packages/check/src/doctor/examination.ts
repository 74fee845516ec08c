/**
 * What the doctor looks at. Each examination is one object in one of the lists of this folder; `examination-table.ts` has all.
 */
import type { ExaminedProject } from "./examined-project.ts";
import type { Result } from "./result.ts";

export interface Examination {
  /** Stable. */
  readonly id: string;
  /** For the reference: completes "It looks at …". */
  readonly looksAt: string;
  readonly examine: (examined: ExaminedProject) => readonly Result[] | Promise<readonly Result[]>;
}
