/** Lowers the priority of other processes. */
import { writeFileSync } from "node:fs";
import { constants, getPriority, setPriority } from "node:os";

/** How much nicer than the gateway. This leaves the process about a tenth of its share. */
const niceness = 10;

/** Lowers the priority of a process, and of its session if the kernel first divides the processors between sessions. */
export function lowerPriority(pid: number): void {
  try {
    // The gateway may itself run with a lower priority than usual.
    const priority = Math.min(getPriority() + niceness, constants.priority.PRIORITY_LOW);
    setPriority(pid, priority);
    writeFileSync(`/proc/${pid}/autogroup`, String(priority));
  } catch {
    // The process is gone, belongs to another user, or the kernel has no autogroups.
  }
}
