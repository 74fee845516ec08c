/** What a run is like, usually and in short. */
import { usualGrowth } from "./bounds.ts";
import { evenKinds } from "./kinds/all-kinds.ts";
import { lasting } from "./kinds/ill-behaved.ts";
import { offhook } from "./server.ts";
import type { Plan } from "./soak.ts";

/** Short, for those that hang; long enough to fill a heap on a busy machine. */
const timeoutMs = 3_000;

/** The even load stays below the server's concurrency with room for those who went away, so that only bursts exceed it. */
function concurrencyFor(connections: number): number {
  return connections + 64;
}

function flagsFor(concurrency: number): string[] {
  const settings = {
    timeout: `${timeoutMs}ms`,
    concurrency: String(concurrency),
    // So that heaps are full soon, and idle isolates end within a rest.
    memory: "96mb",
    "idle-timeout": "2s",
    log: "json",
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

export function usualPlan(connections: number): Plan {
  const concurrency = concurrencyFor(connections);
  return {
    program: offhook(flagsFor(concurrency)),
    kinds: evenKinds,
    lastKind: lasting,
    connections,
    seed: 1,
    durationMs: 5 * 60_000,
    requests: Infinity,
    warmUpMs: 15_000,
    chaosEveryMs: 1_500,
    burnEveryMs: 8_000,
    overloadEveryMs: 20_000,
    hostileEveryMs: 400,
    hostileClients: 6,
    concurrency,
    timeoutMs: 15_000,
    stoppedAfterMs: 5_000,
    // A start that was stopped takes 10 s to be given up, and a slow client as long to be cut.
    restMs: 45_000,
    // The gateway, its shell that outlives it, and the spare.
    restProcesses: 3,
    // The time limit, five seconds for a reply to be read, and some for a busy machine.
    drainMs: timeoutMs + 5_000 + 5_000,
    hasLog: true,
    keepsLog: false,
    growth: usualGrowth,
    sampleEveryMs: 10_000,
    progressEveryMs: 30_000,
  };
}

/** A quarter of a minute of everything, for the tests. */
export function shortPlan(): Plan {
  return {
    ...usualPlan(16),
    warmUpMs: 3_000,
    durationMs: 10_000,
    chaosEveryMs: 700,
    burnEveryMs: 3_000,
    overloadEveryMs: 4_000,
    hostileEveryMs: 150,
    sampleEveryMs: 1_000,
  };
}
