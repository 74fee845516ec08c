/**
 * Tables are read on phones and in terminals: a cell is short.
 */
import type { Finding } from "./check.ts";
import type { Passage } from "./passages.ts";

/** In characters, links without their targets. */
const maxCell = 120;
const maxCellOfReadme = 80;

export function longCells({ kind, file, line, text }: Passage): Finding[] {
  if (kind !== "page") return [];
  const max = file === "README.md" ? maxCellOfReadme : maxCell;
  return text.split("\n").flatMap((row, index) => {
    if (!row.startsWith("|")) return [];
    const long = row
      .slice(1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.replace(/\]\([^)]*\)/g, "]").trim())
      .filter((cell) => cell.length > max);
    return long.map((cell) => ({
      file,
      line: line + index,
      problem: `${cell.slice(0, 40)}…`,
      advice: `a cell has at most ${max} characters, this one has ${cell.length}`,
    }));
  });
}
