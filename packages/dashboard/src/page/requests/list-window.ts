/** Which rows of a long list are in the document: those in sight, and a few more. All rows are of one height. */
export interface ListWindow {
  /** Of the first row, and of the one behind the last. */
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

/** Where to scroll so that a row is in sight; as it is, where it is already. */
export function scrolledTo(index: number, rowHeight: number, scrollTop: number, height: number): number {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  return top + rowHeight > scrollTop + height ? top + rowHeight - height : scrollTop;
}
