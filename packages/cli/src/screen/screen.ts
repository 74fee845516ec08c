/**
 * The terminal that output goes to.
 */
import { wrapLines } from "./line-wrap.ts";
import { hasColor } from "./palette.ts";

/** The properties of a terminal that a banner needs. */
export interface Screen {
  readonly isColored: boolean;
  /** Undefined if lines stay whole. */
  readonly columns: number | undefined;
  /** Undefined if there is no limit. */
  readonly rows: number | undefined;
}

/** The part of a stream that says what it writes to. */
export interface ScreenStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

/** The columns of the terminal now. Undefined for a pipe or a file: their readers need whole lines. */
export function columnsOf({ isTTY, columns }: ScreenStream): number | undefined {
  // Some terminals report 0.
  return isTTY === true ? columns || undefined : undefined;
}

/**
 * The rows of the terminal. Undefined for a pipe, a file or a job of CI: nobody can press a key there, so it gets
 * everything.
 */
function rowsOf(
  { isTTY, rows }: ScreenStream,
  { CI = "" }: Readonly<Record<string, string | undefined>>,
): number | undefined {
  return isTTY === true && (CI === "" || CI === "false") ? rows || undefined : undefined;
}

export function screenOf(stream: ScreenStream, environment: Readonly<Record<string, string | undefined>>): Screen {
  return {
    isColored: hasColor(stream, environment),
    columns: columnsOf(stream),
    rows: rowsOf(stream, environment),
  };
}

/** Writes a report, wrapped at the width of the terminal. */
export function writeWrapped(stream: NodeJS.WritableStream & ScreenStream, text: string): void {
  const columns = columnsOf(stream);
  stream.write(columns === undefined ? text : wrapLines(text, columns));
}
