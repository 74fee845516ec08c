/** What is too much: tolerated errors, and growth. */
import type { Judge } from "./judge.ts";
import type { Sample } from "./meter.ts";

/**
 * Between two rests, each with all connections closed, idle isolates ended and garbage collected, the gateway holds the
 * same as before, but for what allocators keep. A leak of 100 bytes a request is 10 MB after 100,000 requests, and
 * 100 MB after a million.
 */
export interface GrowthBounds {
  /** Tight: there is nothing left but what is held. */
  readonly heapBytes: number;
  /**
   * What is in use stays level (11 to 25 MB, by `mallinfo2`), what is held does not: pages in which something small lives
   * cannot be given back, so that each new coincidence of large bodies leaves some behind. A native leak of 100 bytes a
   * request is above this in a million.
   */
  readonly mallocBytes: number;
  /** Loose, for V8's pages. */
  readonly gatewayBytes: number;
  /** The same, and isolates are more or less warm. */
  readonly treeBytes: number;
  /** Of a line through all samples of the run, from its beginning to its end. Under load, so what is under way counts. */
  readonly fittedHeapBytes: number;
  readonly fittedMallocBytes: number;
  /** A leaked socket for one request in a hundred thousand is found. Node opens a few of its own as it goes. */
  readonly handles: number;
  /** Node starts its threads early on; the system's resolver or a late pool thread may come. */
  readonly threads: number;
}

export const usualGrowth: GrowthBounds = {
  heapBytes: 4 * 2 ** 20,
  mallocBytes: 64 * 2 ** 20,
  gatewayBytes: 160 * 2 ** 20,
  treeBytes: 192 * 2 ** 20,
  fittedHeapBytes: 8 * 2 ** 20,
  fittedMallocBytes: 64 * 2 ** 20,
  handles: 8,
  threads: 4,
};

/** Fewer points make no line. */
const minSamples = 8;

export function judgeGrowth(
  judge: Judge,
  first: Sample,
  last: Sample,
  samples: readonly Sample[],
  bounds: GrowthBounds,
): void {
  for (const key of ["heapBytes", "mallocBytes", "gatewayBytes", "treeBytes", "handles", "threads"] as const) {
    const growth = last[key] - first[key];
    if (growth > bounds[key]) judge.fail(`${key} grew`, `from ${first[key]} to ${last[key]}: more than ${bounds[key]}`);
  }
  for (const [key, bound] of [
    ["heapBytes", bounds.fittedHeapBytes],
    ["mallocBytes", bounds.fittedMallocBytes],
  ] as const) {
    const fitted = Math.round(fittedGrowth(samples, key));
    if (fitted > bound) judge.fail(`${key} grew over the run`, `by ${fitted} on a fitted line: more than ${bound}`);
  }
}

/** Least squares: what the line has gained from the first sample to the last. 0 for too few. */
export function fittedGrowth(samples: readonly Sample[], key: "heapBytes" | "mallocBytes"): number {
  if (samples.length < minSamples) return 0;
  const meanAt = mean(samples.map(({ atMs }) => atMs));
  const meanBytes = mean(samples.map((sample) => sample[key]));
  let both = 0;
  let square = 0;
  for (const sample of samples) {
    both += (sample.atMs - meanAt) * (sample[key] - meanBytes);
    square += (sample.atMs - meanAt) ** 2;
  }
  const [first, last] = [samples[0] as Sample, samples.at(-1) as Sample];
  return square === 0 ? 0 : (both / square) * (last.atMs - first.atMs);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What the soak has done that may have cost somebody an answer. */
export interface Damage {
  /** When isolates were killed, in order, as `performance.now()`. */
  readonly killedAt: readonly number[];
  /** Isolates that were stopped and left so. */
  readonly stops: number;
  /** The server's. */
  readonly concurrency: number;
}

/** From a kill to its news at the client, on a busy machine. Usually it takes some milliseconds. */
const newsMs = 5_000;

/**
 * - A killed isolate costs one invocation: it runs one at a time, and what waits behind that one in its pipe has certainly
 *   not started and runs elsewhere. So each `isolate-crashed` has a kill of its own, shortly before.
 * - One that is stopped costs the one it runs as well; its caller is told that its time is up.
 * - That none can be started is told when three starts in a row have failed and no isolate is left. Three kills or stops can
 *   do that, and then everything admitted is told so.
 */
export function judgeTolerated(judge: Judge, { killedAt, stops, concurrency }: Damage): void {
  const what = "more told errors than damage";
  const kills = [...killedAt];
  for (const { at, example } of judge.crashReplies) {
    while (kills[0] !== undefined && kills[0] < at - newsMs) kills.shift();
    if (kills[0] !== undefined && kills[0] <= at) kills.shift();
    else judge.fail(what, `isolate-crashed, without a kill of its own in the ${newsMs} ms before: ${example}`);
  }
  const bounds = {
    "handler-timed-out": stops,
    "isolate-not-started": Math.floor((killedAt.length + stops) / 3) * concurrency,
  } as const;
  for (const code of Object.keys(bounds) as (keyof typeof bounds)[]) {
    if (judge.toleratedErrors[code] <= bounds[code]) continue;
    judge.fail(what, `${judge.toleratedErrors[code]} ${code}, at most ${bounds[code]} are accounted for`);
  }
}
