/**
 * An isolate that keeps a processor busy gives way from then on: to the gateway, so that requests and health checks are
 * answered while every processor computes, and to isolates whose invocations are short. It loses nothing where
 * nobody else wants the processor. There is no way back for a process without privileges, nor any need for one.
 *
 * Where the kernel shares the processors between sessions first (autogroups: on most machines, in few containers), the
 * session gives way as well, each isolate having one of its own.
 */
import type { IsolateLike } from "./isolate-like.ts";
import type { Ticket } from "./ticket.ts";

/** CPU time in one invocation after which it counts as busy. Of thirty on two processors each has used this after three seconds. */
const busyMs = 200;

export class PriorityControl {
  #head: Ticket | undefined;
  #cpuMs = 0;
  #isLowered = false;

  /** Every once in a while as long as there is an invocation at its head. */
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
