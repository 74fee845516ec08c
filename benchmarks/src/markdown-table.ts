/** A table with padded columns, as the repository's formatter writes it. Columns of figures are aligned right. */
export function markdownTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  firstFigure = 1,
): string {
  const widths = header.map((title, column) =>
    Math.max(3, ...[title, ...rows.map((row) => row[column] ?? "")].map(len)),
  );
  const isFigure = (column: number): boolean => column >= firstFigure;
  const line = (cells: readonly string[]): string => {
    const padded = widths.map((width, column) => {
      const cell = cells[column] ?? "";
      const space = " ".repeat(width - len(cell));
      return isFigure(column) ? space + cell : cell + space;
    });
    return `| ${padded.join(" | ")} |`;
  };
  const rule = widths.map((width, column) => (isFigure(column) ? `${"-".repeat(width - 1)}:` : "-".repeat(width)));
  return [line(header), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n");
}

function len(text: string): number {
  return Array.from(text).length;
}
