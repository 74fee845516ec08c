import type { ExchangeSummary } from "../../api.ts";

/** Older rows are dropped, since the page may stay open for days. */
export const maxRows = 10_000;

/**
 * Merges updates into the rows, newest first. An update can be older than the known row, if a response and the stream
 * cross. A row never loses a field that it had.
 * @param news newest first. Among rows of the same millisecond, their position here is the only order.
 */
export function mergeRows(
  rows: readonly ExchangeSummary[],
  news: readonly ExchangeSummary[],
): readonly ExchangeSummary[] {
  if (news.length === 0) return rows;
  const byId = new Map<string, ExchangeSummary>();
  for (const row of news) {
    const newer = byId.get(row.id);
    byId.set(row.id, newer === undefined ? row : withNews(row, newer));
  }
  const kept = rows.map((row) => {
    const newer = byId.get(row.id);
    if (newer === undefined) return row;
    byId.delete(row.id);
    return withNews(row, newer);
  });
  const fresh = [...byId.values()].toSorted(newestFirst);
  if (fresh.length === 0) return kept;
  const [first] = kept;
  const oldestFresh = fresh.at(-1);
  const all = [...fresh, ...kept];
  const isInOrder = first === undefined || oldestFresh === undefined || newestFirst(oldestFresh, first) <= 0;
  return (isInOrder ? all : all.toSorted(newestFirst)).slice(0, maxRows);
}

export function knownIn(rows: readonly ExchangeSummary[]): (row: ExchangeSummary) => boolean {
  const ids = new Set(rows.map(({ id }) => id));
  return ({ id }) => ids.has(id);
}

function withNews(row: ExchangeSummary, newer: ExchangeSummary): ExchangeSummary {
  const isOlder = row.status !== undefined && newer.status === undefined;
  return isOlder ? { ...newer, ...row } : { ...row, ...newer };
}

function newestFirst(one: ExchangeSummary, other: ExchangeSummary): number {
  return other.startedAt - one.startedAt;
}
