/**
 * Finds the word for "Did you mean …?".
 */

/**
 * Counts the edits between two words: insert, remove, replace, or swap two neighbours. Keeps only the last three rows
 * of the usual table.
 */
function distance(from: string, to: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const cost = from[i - 1] === to[j - 1] ? 0 : 1;
      let best = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + cost);
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (isSwap) best = Math.min(best, (older[j - 2] ?? 0) + 1);
      row.push(best);
    }
    older = previous;
    previous = row;
  }
  return previous[to.length] ?? 0;
}

/** The candidate that people probably meant by `word`. Undefined if none is close. Ignores case. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  let closest: string | undefined;
  // A third of the letters may be wrong, but not so many that a short word matches everything.
  let bestEdits = Math.min(4, Math.floor(wanted.length / 3) + 1);
  for (const candidate of candidates) {
    const edits = distance(wanted, candidate.toLowerCase());
    if (edits < bestEdits || (edits === bestEdits && closest === undefined && edits < wanted.length)) {
      closest = candidate;
      bestEdits = edits;
    }
  }
  return closest;
}
