import type { ExchangeTimings } from "@offhook/runtime/observe";
import type { Phase } from "../api.ts";

/**
 * Splits the time of a request into phases. A request that waits while its isolate starts has a `start` phase from the
 * moment it begins to wait. All other waiting is `queue`.
 * @param endedMs since the start of the request, like all other timings.
 */
export function phasesOf(
  { received, launched, ready, started, loaded, replied }: ExchangeTimings,
  endedMs: number,
): Phase[] {
  const wholeMs = received ?? 0;
  // If the isolate was ready before, the request did not wait for it.
  const waitedFor = ready !== undefined && launched !== undefined && ready > wholeMs ? ready : undefined;
  const startBegin = waitedFor === undefined ? undefined : Math.max(wholeMs, launched ?? 0);
  const runBegin = started === undefined ? undefined : Math.max(started, waitedFor ?? 0);
  const ends: readonly (readonly [Phase["name"], number | undefined])[] = [
    ["receive", received],
    ["queue", startBegin ?? started],
    ["start", waitedFor],
    ["queue", runBegin],
    ["load", loaded],
    ["run", started === undefined ? undefined : replied],
    ["write", endedMs],
  ];
  const phases: Phase[] = [];
  let at = 0;
  for (const [name, end] of ends) {
    // A handler that ran is shown, even if no time was left after loading.
    if (end === undefined || end < at || (end === at && name !== "run")) continue;
    // For a refusal or an asset, everything is `write`. A negligible wait is left out.
    if (name !== "queue" || end - at >= minMs) phases.push({ name, atMs: round(at), tookMs: round(end - at) });
    at = end;
  }
  return phases;
}

const minMs = 0.05;

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
