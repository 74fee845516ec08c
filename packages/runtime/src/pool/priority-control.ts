/**
 * Lowers the priority of an isolate that keeps a processor busy. The gateway can then answer requests and health checks
 * while every processor is busy, and short invocations of other isolates come first. The isolate loses nothing if no
 * other process wants the processor. A process without privileges cannot raise its priority again, and need not.
 *
 * If the kernel first divides the processors between sessions (autogroups: on most machines, in few containers), the
 * priority of the session is lowered too. Each isolate has its own session.
 */
import type { IsolateLike } from "./isolate-like.ts";
import type { Ticket } from "./ticket.ts";

/**
 * CPU time in one invocation after which an isolate counts as busy. Thirty isolates on two processors each use it in 3
 * s.
 */
const busyMs = 200;

export class PriorityControl {
  #head: Ticket | undefined;
  #cpuMs = 0;
  #isLowered = false;

  /** Called at intervals while the slot has an invocation at its head. */
  check(isolate: Pick<IsolateLike, "cpuMs" | "lowerPriority">, head: Ticket | undefined): void {
    if (this.#isLowered || head === undefined) return;
    const used = isolate.cpuMs();
    if (used === undefined) return;
    if (head !== this.#head) {
      this.#head = head;
      this.#cpuMs = used;
    } else if (used - this.#cpuMs >= busyMs) {
      this.#isLowered = true;
      isolate.lowerPriority();
    }
  }
}
