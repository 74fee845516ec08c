/**
 * The shape of an examination. Each is one object in a list of this folder; `examination-table.ts` has all of them.
 */
import type { ExaminedProject } from "./examined-project.ts";
import type { Result } from "./result.ts";

export interface Examination {
  /** Stable: it is in the JSON output. */
  readonly id: string;
  /** For the reference: completes "It looks at …". */
  readonly looksAt: string;
  readonly examine: (examined: ExaminedProject) => readonly Result[] | Promise<readonly Result[]>;
}
