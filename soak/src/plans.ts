/** Plans of runs: the usual one, and a short one. */
import { usualGrowth } from "./bounds.ts";
import { evenKinds } from "./kinds/all-kinds.ts";
import { lasting } from "./kinds/ill-behaved.ts";
import { offhook } from "./server.ts";
import type { Plan } from "./soak.ts";

/** Short, so that hanging functions end soon. Long enough to fill a heap on a busy machine. */
const timeoutMs = 3_000;

/** Above the even load, with room for invocations whose clients disconnected, so that only bursts exceed it. */
function concurrencyFor(connections: number): number {
  return connections + 64;
}

function flagsFor(concurrency: number): string[] {
  const settings = {
    timeout: `${timeoutMs}ms`,
    concurrency: String(concurrency),
    // Heaps fill soon, and idle isolates end within a rest.
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
    // The server gives up a stopped start after 10 s, and cuts off a slow client after the same time.
    restMs: 45_000,
    // The gateway, its shell that outlives it, and the spare.
    restProcesses: 3,
    // The time limit, five seconds for reading a reply, and some more for a busy machine.
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
