/** The priority of processes that are not ours. */
import { writeFileSync } from "node:fs";
import { setPriority } from "node:os";

/** About a tenth of the share that it had. */
const niceness = 10;

/** Lowers the priority of a process, and of its session where the kernel shares the processors between sessions first. */
export function lowerPriority(pid: number): void {
  try {
    setPriority(pid, niceness);
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
  } catch {
    // It is gone, of another user, or there are no such groups.
  }
}
