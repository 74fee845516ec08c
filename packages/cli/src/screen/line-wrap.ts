/**
 * Breaks long lines at words, so that text stays in its columns. A word that is too long stays whole: URLs and paths can
 * still be clicked and copied.
 */
import { lineParts, textWidth } from "./text-width.ts";

/** Less room would put only a word or two on each line. */
const minTextWidth = 24;
/** Nobody reads a longer line, and the server should not spend its time on it. */
const maxWrappedCharacters = 10_000;

/** @param hangingIndent the column in which the further lines start. With less than 24 columns after it, they start at 2. */
export function wrapLine(line: string, columns: number, hangingIndent = indentOf(line, columns)): string {
  // Most lines are short. A character takes two columns at most.
  if (line.length * 2 <= columns || line.length > maxWrappedCharacters) return line;
  if (textWidth(line) <= columns) return line;
  const indent = columns - hangingIndent >= minTextWidth ? hangingIndent : Math.min(hangingIndent, 2);
  let wrapped = "";
  let column = 0;
  let gap = "";
  let isStart = true;
  for (const part of lineParts(line)) {
    if (/^[ \t]/.test(part)) {
      gap += part.replaceAll("\t", "  ");
      continue;
    }
    const width = textWidth(part);
    // A break that moves the word no further left would gain nothing.
    const isGain = !isStart && width > 0 && column + gap.length > indent;
    if (isGain && column + gap.length + width > columns) {
      wrapped += `\n${" ".repeat(indent)}`;
      column = indent;
      gap = "";
    }
    wrapped += gap + part;
    column += gap.length + width;
    gap = "";
    isStart &&= width === 0;
  }
  // A line of blanks keeps its indent, so that it still belongs to the entry above it.
  return wrapped === "" ? (/^ */.exec(line)?.[0] ?? "") : wrapped;
}

/** Wraps each line of a report at the width of the terminal. */
export function wrapLines(text: string, columns: number): string {
  return text
    .split("\n")
    .map((line) => wrapLine(line, columns))
    .join("\n");
}

/**
 * The column where the last cell of a row begins, if that leaves half of the line. A line without cells keeps its
 * own indent, or gets two columns if it has none.
 */
function indentOf(line: string, columns: number): number {
  const indent = /^ */.exec(line)?.[0].length ?? 0;
  let cell = indent + (indent === 0 ? 2 : 0);
  for (const { index, 0: spaces } of line.matchAll(/(?<=\S) {2,}(?=\S)/g)) {
    const at = textWidth(line.slice(0, index)) + spaces.length;
    if (at <= columns / 2) cell = at;
  }
  return cell;
}
