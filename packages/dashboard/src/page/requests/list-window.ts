/** The rows of a long list that are in the document: those in sight, and a few more. All rows have the same height. */
export interface ListWindow {
  /** The index of the first row. `to` is the index after the last row. */
  readonly from: number;
  readonly to: number;
}

const spareRows = 12;

export function windowOf(count: number, rowHeight: number, scrollTop: number, height: number): ListWindow {
  const first = Math.floor(Math.max(0, scrollTop) / rowHeight);
  const inSight = Math.ceil(height / rowHeight) + 1;
  const from = Math.max(0, Math.min(first, count - inSight) - spareRows);
  return { from, to: Math.min(count, first + inSight + spareRows) };
}

/** Returns the scroll position that brings a row into sight. It is unchanged if the row is in sight already. */
export function scrolledTo(index: number, rowHeight: number, scrollTop: number, height: number): number {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  return top + rowHeight > scrollTop + height ? top + rowHeight - height : scrollTop;
}
