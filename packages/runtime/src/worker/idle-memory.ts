/**
 * Returns memory to the system while an isolate is idle. V8 keeps memory that it once needed for as long as nothing
 * happens: about 2 MB after a start, 20 MB after a burst of invocations.
 */
import { outside } from "./stepper.ts";

// User code may replace these.
const { setTimeout } = globalThis;
const now = performance.now.bind(performance);
const { setFlagsFromString } = process.getBuiltinModule("node:v8");
const residentBytes = process.memoryUsage.rss.bind(process.memoryUsage);

/** Idle time before the first collection. It is short, because the garbage of a start is useless. */
const firstIdleMs = 1_000;
/** Idle time before later collections. It is longer, because a collection also discards compiled code. */
const idleMs = 5_000;
/** Minimum growth. A collection takes 20 ms, in which an invocation might arrive. */
const minGrowthBytes = 4 * 2 ** 20;

export class IdleMemory {
  #usedAt = 0;
  #idleMs = firstIdleMs;
  #isCheckDue = false;
  #restingBytes = 0;

  /** The isolate has become idle. */
  onIdle(): void {
    this.#usedAt = now();
    if (!this.#isCheckDue) this.#checkIn(this.#idleMs);
  }

  #checkIn(delayMs: number): void {
    this.#isCheckDue = true;
    outside(() => setTimeout(() => this.#check(), delayMs).unref());
  }

  #check(): void {
    this.#isCheckDue = false;
    const idleForMs = now() - this.#usedAt;
    if (idleForMs < this.#idleMs) return this.#checkIn(this.#idleMs - idleForMs);
    this.#idleMs = idleMs;
    if (residentBytes() - this.#restingBytes < minGrowthBytes) return;
    collectGarbage();
    this.#restingBytes = residentBytes();
  }
}

/** Runs a full garbage collection, which returns the freed memory to the system. */
function collectGarbage(): void {
  const { runInNewContext } = process.getBuiltinModule("node:vm");
  // Only contexts that are created while the flag is set have `gc`, so user code does not get it.
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as NonNullable<typeof globalThis.gc>;
  setFlagsFromString("--no-expose-gc");
  gc({ type: "major", execution: "sync", flavor: "last-resort" });
}
