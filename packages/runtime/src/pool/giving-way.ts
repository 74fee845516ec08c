/**
 * An isolate that keeps a processor busy gives way from then on: to the gateway, so that requests and health checks are
 * answered while every processor computes, and to isolates whose invocations are short. It loses nothing where
 * nobody else wants the processor. There is no way back for a process without privileges, nor any need for one.
 */
import { writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { cpuMs } from "./process-stats.ts";
import type { Ticket } from "./ticket.ts";

/** CPU time in one invocation after which it counts as busy. */
const busyMs = 200;
/** About a tenth of the share that it had. */
const niceness = 10;

export class GivingWay {
  #head: Ticket | undefined;
  #cpuMs = 0;
  #hasGivenWay = false;

  /** Every once in a while as long as there is an invocation at its head. */
  look(pid: number, head: Ticket | undefined): void {
    if (this.#hasGivenWay || head === undefined) return;
    const used = cpuMs(pid);
    if (used === undefined) return;
    if (head !== this.#head) {
      this.#head = head;
      this.#cpuMs = used;
    } else if (used - this.#cpuMs >= busyMs) this.#hasGivenWay = giveWay(pid);
  }
}

/** @returns false where it has to be tried again. */
function giveWay(pid: number): boolean {
  try {
    setPriority(pid, niceness);
    // Some kernels share the processors between sessions first. Then niceness counts only inside of one, and each isolate
    // has its own.
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
    return true;
  } catch (error) {
    // The kernel takes only so many of these in a second. Anything else is for good: it is gone, or there are no such groups.
    return (error as NodeJS.ErrnoException).code !== "EAGAIN";
  }
}
