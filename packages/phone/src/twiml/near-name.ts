/**
 * The name that an author probably meant. The runtime's `suggestion.ts` does the same for the server's messages. The
 * page does not import it, nor anything else of the server, so that it stays a few small modules.
 */

/** The nearest of the names, if it is near enough: it differs only in case or in a few letters. */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  // A short name with half of its letters wrong could be anything.
  let minDistance = Math.min(3, Math.ceil(name.length / 3) + 0.5);
  for (const each of names) {
    const away = each.toLowerCase() === name.toLowerCase() ? 0 : distance(name.toLowerCase(), each.toLowerCase());
    if (away < minDistance) [nearest, minDistance] = [each, away];
  }
  return nearest;
}

/** The number of letters to add, remove, change, or swap with their neighbour. */
function distance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > 3) return Infinity;
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const isSame = from[i - 1] === to[j - 1];
      let best = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (isSame ? 0 : 1));
      const isSwapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (isSwapped) best = Math.min(best, (before[j - 2] ?? 0) + 1);
      next.push(best);
    }
    [before, row] = [row, next];
  }
  return row[to.length] ?? Infinity;
}
