/**
 * A process group that this process started, and may kill. It is identified by its leader's number and start time,
 * because the system reuses numbers.
 */
import { factsOf } from "./process-stats.ts";

export class ProcessGroup {
  readonly pid: number;
  readonly #startedAt: string | undefined;

  /** @param pid of the leader, right after its start. */
  constructor(pid: number) {
    this.pid = pid;
    // On other systems each lookup starts a program. There, this process learns of its child's end before the number is
    // free.
    this.#startedAt = process.platform === "linux" ? factsOf(pid)?.startedAt : undefined;
  }

  /**
   * If no process has the leader's number, others of its group may still run. The system does not reuse a number while
   * a group has it.
   */
  signal(signal: NodeJS.Signals): void {
    if (this.#startedAt !== undefined) {
      const now = factsOf(this.pid);
      if (now !== undefined && now.startedAt !== this.#startedAt) return;
    }
    signalGroup(this.pid, signal);
  }
}

export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone.
  }
}
