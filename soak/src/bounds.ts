/** Bounds: how many errors are tolerated, and how much the server may grow. */
import type { Judge } from "./judge.ts";
import type { Sample } from "./meter.ts";

/**
 * At each rest, all connections are closed, idle isolates have ended, and garbage is collected. Between two rests the
 * gateway must not grow, except for memory that allocators keep. A leak of 100 bytes per request is 10 MB after 100,000
 * requests, and 100 MB after a million.
 */
export interface GrowthBounds {
  /** Tight: after a collection, only live objects are left. */
  readonly heapBytes: number;
  /**
   * The memory in use stays level (11 to 25 MB, by `mallinfo2`). The memory held grows: malloc cannot return a page
   * that has one small block in use, so each peak of large bodies leaves some pages behind. A native leak of 100 bytes
   * per request exceeds this bound after a million requests.
   */
  readonly mallocBytes: number;
  /** Loose, because V8 keeps pages. */
  readonly gatewayBytes: number;
  /** Loose for the same reason, and because isolates are more or less warm. */
  readonly treeBytes: number;
  /** Growth of a line through all samples of the run. Samples are taken under load, so requests in flight count. */
  readonly fittedHeapBytes: number;
  readonly fittedMallocBytes: number;
  /** Detects one leaked socket in a hundred thousand requests. Node itself opens a few over time. */
  readonly handles: number;
  /** Node starts its threads early. The system's resolver or a late pool thread may be added. */
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

/** A line through fewer points means nothing. */
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

/** Least squares: the line's growth from the first sample to the last. 0 for too few samples. */
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

/** Damage that the soak did, which may have cost requests their answers. */
export interface Damage {
  /** When isolates were killed, in order, as `performance.now()`. */
  readonly killedAt: readonly number[];
  /** Isolates that were stopped and not continued. */
  readonly stops: number;
  /** The server's `concurrency` setting. */
  readonly concurrency: number;
}

/** Time from a kill until the client sees the error, on a busy machine. Usually some milliseconds. */
const newsMs = 5_000;

/**
 * - A killed isolate costs one invocation. It runs one at a time, and an invocation that waits behind it in the pipe
 *   has certainly not started, so it runs elsewhere. Each `isolate-crashed` therefore needs a kill of its own, shortly
 *   before.
 * - A stopped isolate also costs the invocation that it runs. The caller gets `handler-timed-out`.
 * - Callers get `isolate-not-started` if three starts in a row have failed and no isolate is left. Three kills or stops
 *   can cause that, and then all admitted requests get it.
 */
export function judgeTolerated(judge: Judge, { killedAt, stops, concurrency }: Damage): void {
  const what = "more errors than damage";
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
    judge.fail(what, `${judge.toleratedErrors[code]} ${code}, the soak can have caused at most ${bounds[code]}`);
  }
}
