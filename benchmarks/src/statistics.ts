/** Statistics over several rounds: the median, the lowest and the highest. */

/** Statistics of one figure, in the unit of the samples. */
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

/** Returns undefined without samples. */
export function spreadOf(samples: readonly number[]): Spread | undefined {
  if (samples.length === 0) return undefined;
  return { median: median(samples), low: Math.min(...samples), high: Math.max(...samples), count: samples.length };
}

/**
 * Ratios of two figures of the same round. A busy machine slows down both, so that their ratio stays valid when the
 * figures do not. Rounds that only one of them has are left out.
 */
export function ratios(ours: ReadonlyMap<number, number>, theirs: ReadonlyMap<number, number>): number[] {
  const found: number[] = [];
  for (const [round, figure] of ours) {
    const other = theirs.get(round);
    if (other !== undefined && other > 0) found.push(figure / other);
  }
  return found;
}

/** Rotates the list by `round`, so that no server is always first. */
export function rotated<Item>(items: readonly Item[], round: number): Item[] {
  const start = items.length === 0 ? 0 : round % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
