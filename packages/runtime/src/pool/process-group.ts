/**
 * A process group that this process started, and may end. It is known by the number of its leader and by when that
 * started: the system uses numbers again, so another process may have the number by then.
 */
import { factsOf } from "./process-stats.ts";

export class ProcessGroup {
  readonly pid: number;
  readonly #startedAt: string | undefined;

  /** @param pid the leader, right after its start. */
  constructor(pid: number) {
    this.pid = pid;
    // On other systems each look starts a program, and this process learns that its own child has ended before the number is free.
    this.#startedAt = process.platform === "linux" ? factsOf(pid)?.startedAt : undefined;
  }

  /**
   * Where no process has the leader's number, others of its group may still run: the system gives no number away while a group
   * has it.
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
    // It is gone.
  }
}
