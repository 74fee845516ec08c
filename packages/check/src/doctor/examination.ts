/**
 * What the doctor looks at. Each examination is one object in one of the lists of this folder; `examination-table.ts` has all.
 */
import type { Patient } from "./patient.ts";
import type { Result } from "./result.ts";

export interface Examination {
  /** Stable. */
  readonly id: string;
  /** For the reference: completes "It looks at …". */
  readonly looksAt: string;
  readonly examine: (patient: Patient) => readonly Result[] | Promise<readonly Result[]>;
}
