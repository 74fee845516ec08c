import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Probe } from "./prober-thread.ts";

export const healthPath = "/_offhook/health";

export interface Health {
  readonly probes: number;
  /** Outside the pauses that the soak caused. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  readonly over50Ms: number;
  /** The longest that overlapped with such a pause. */
  readonly maxInPauseMs: number;
  readonly faults: readonly string[];
}

/** A time in which the soak paused the gateway, as `Date.now()`. */
export type Pause = readonly [from: number, to: number];

/** After a pause, the gateway first has to handle the requests that arrived meanwhile. */
const catchUpMs = 500;

export class Prober {
  readonly #thread: Worker;
  readonly #probes: Probe[] = [];

  /** @param pid of the server. Time that it waited for a processor is subtracted. */
  constructor(port: number, pid: number, everyMs = 100) {
    this.#thread = new Worker(new URL("prober-thread.ts", import.meta.url), {
      workerData: { port, pid, everyMs, path: healthPath },
    });
    this.#thread.on("message", (probe: Probe) => this.#probes.push(probe));
  }

  /** Resolves with the first probe. Earlier pauses cannot be detected. */
  async begun(): Promise<void> {
    if (this.#probes.length === 0) await once(this.#thread, "message");
  }

  async stop(pauses: readonly Pause[]): Promise<Health> {
    const ended = once(this.#thread, "exit");
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    this.#thread.postMessage("stop");
    await ended;
    return healthOf(this.#probes, pauses);
  }
}

export function healthOf(probes: readonly Probe[], pauses: readonly Pause[]): Health {
  const isInPause = ({ at, ms }: Probe): boolean => pauses.some(([from, to]) => at < to + catchUpMs && at + ms > from);
  const outside = probes.filter((probe) => !isInPause(probe)).map(({ ms }) => ms);
  const inside = probes.filter(isInPause).map(({ ms }) => ms);
  const sorted = outside.toSorted((one, other) => one - other);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    probes: probes.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    p999Ms: at(0.999),
    maxMs: sorted.at(-1) ?? 0,
    over50Ms: outside.filter((ms) => ms > 50).length,
    maxInPauseMs: Math.max(0, ...inside),
    faults: probes.flatMap(({ fault }) => fault ?? []),
  };
}
