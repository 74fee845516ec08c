/** What is said of several rounds: the middle one, and how far apart they were. */

/** Of the samples of one figure; all in the samples' unit. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) return Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** Undefined where there is nothing to say it of. */
export function spreadOf(samples: readonly number[]): Spread | undefined {
  if (samples.length === 0) return undefined;
  return { median: median(samples), low: Math.min(...samples), high: Math.max(...samples), count: samples.length };
}

/**
 * Each round's figure over the other's in the same round. A machine that is busy for a while slows both, so that
 * their ratio holds where the figures do not. Rounds that only one of them has are left out.
 */
export function ratios(ours: ReadonlyMap<number, number>, theirs: ReadonlyMap<number, number>): number[] {
  const found: number[] = [];
  for (const [round, figure] of ours) {
    const other = theirs.get(round);
    if (other !== undefined && other > 0) found.push(figure / other);
  }
  return found;
}

/** The list turned by `round`, so that nobody is always first. */
export function rotated<Item>(items: readonly Item[], round: number): Item[] {
  const start = items.length === 0 ? 0 : round % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
