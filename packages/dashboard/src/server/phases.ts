import type { ExchangeTimings } from "@offhook/runtime/observe";
import type { Phase } from "../api.ts";

/**
 * Where the time of a request went. One that waits while its isolate starts has a `start`, from when it was there to wait; all other waiting
 * is `queue`.
 * @param endedMs as all moments: from the request's beginning.
 */
export function phasesOf(
  { received, launched, ready, started, loaded, replied }: ExchangeTimings,
  endedMs: number,
): Phase[] {
  const wholeMs = received ?? 0;
  // An isolate that was ready before has not been waited for.
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
    if (end === undefined || end <= at) continue;
    // A refusal is all write, and an asset's file as well; what lasts no time at all is nothing to look at.
    if (name !== "queue" || end - at >= minMs) phases.push({ name, atMs: round(at), tookMs: round(end - at) });
    at = end;
  }
  return phases;
}

const minMs = 0.05;

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
