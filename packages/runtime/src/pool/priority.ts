/** The priority of processes that are not ours. */
import { writeFileSync } from "node:fs";
import { constants, getPriority, setPriority } from "node:os";

/** How much nicer than the gateway: about a tenth of the share that it had. */
const niceness = 10;

/** Lowers the priority of a process, and of its session where the kernel shares the processors between sessions first. */
export function lowerPriority(pid: number): void {
  try {
    // The gateway may itself run with a lower priority than usual.
    const priority = Math.min(getPriority() + niceness, constants.priority.PRIORITY_LOW);
    setPriority(pid, priority);
    writeFileSync(`/proc/${pid}/autogroup`, String(priority));
  } catch {
    // It is gone, of another user, or there are no such groups.
  }
}
