/**
 * An isolate that has nothing to do gives memory back. V8 keeps what it once needed for as long as nothing
 * happens: some 2 MB after a start, 20 after a rush of invocations.
 */
import { outside } from "./stepper.ts";

// User code may replace these.
const { setTimeout } = globalThis;
const now = performance.now.bind(performance);
const { setFlagsFromString } = process.getBuiltinModule("node:v8");
const residentBytes = process.memoryUsage.rss.bind(process.memoryUsage);

/** The first time is soon: what a start has left is of no use. */
const firstIdleMs = 1_000;
/** Later it is not done between calls that come now and then: compiled code is thrown away with the rest. */
const idleMs = 5_000;
/** Less than this is not worth the 20 ms, in which an invocation might arrive. */
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

/** The thorough kind, which gives back what it has freed. */
function collectGarbage(): void {
  const { runInNewContext } = process.getBuiltinModule("node:vm");
  // Only a context that is made while the flag is set has the function: user code finds none.
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as NonNullable<typeof globalThis.gc>;
  setFlagsFromString("--no-expose-gc");
  gc({ type: "major", execution: "sync", flavor: "last-resort" });
}
