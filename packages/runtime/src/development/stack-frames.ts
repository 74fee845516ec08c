/**
 * Parses an error's stack into frames, and reads the lines of source around one of them.
 */
import { fileURLToPath, pathToFileURL } from "node:url";

const { readFileSync } = process.getBuiltinModule("node:fs");

export interface StackFrame {
  /** The frame's text in the stack, without the `at`. */
  readonly text: string;
  /** Absolute path. Undefined if the frame is not in a file on disk. */
  readonly file: string | undefined;
  readonly line: number;
  readonly column: number;
  /** In the project's folder, and not in a package that is installed there. */
  readonly isInProject: boolean;
}

/** A stack can be forged, and the longer a line is, the longer it takes to find a place in it. */
const maxFrameCharacters = 2_000;

/** @param folder the project's folder. */
export function framesOf(stack: string, folder: string): StackFrame[] {
  const lines = stack.split("\n").filter((line) => line.length <= maxFrameCharacters);
  const url = pathToFileURL(folder).href;
  const frames = lines.flatMap((line) => {
    const text = /^\s+at (.+)$/.exec(line)?.[1];
    return text === undefined ? [] : [frameOf(text, folder, url)];
  });
  // No frame of a syntax error leads to its place. The place is in the line above the message or, for TypeScript, at
  // the beginning of the message.
  const [head = ""] = lines;
  const [, file, line, column = markedColumn(lines)] =
    /^(?!\s)(.+):(\d+)(?::(\d+))?$/.exec(head) ?? typeScriptPlace.exec(head) ?? [];
  if (file === undefined) return frames;
  return [frameOf(`${file.startsWith("/") ? file : `${folder}/${file}`}:${line}:${column}`, folder, url), ...frames];
}

/** Node writes the line of a syntax error below its place, and a mark below that. @returns 1 without a mark. */
function markedColumn(lines: readonly string[]): number {
  const mark = lines.slice(1, 3).find((each) => /^\s*\^+\s*$/.test(each));
  return mark === undefined ? 1 : mark.indexOf("^") + 1;
}

const typeScriptPlace = /^SyntaxError: ([^:]+\.[cm]?[jt]s):(\d+):(\d+): /;

function frameOf(text: string, folder: string, folderUrl: string): StackFrame {
  // The folder's name may contain spaces and parentheses, which would look like the beginning of the place.
  const start = [folderUrl, folder].map((one) => text.indexOf(`${one}/`)).find((at) => at !== -1);
  const [, place = "", line = "0", column = "0"] =
    (start === undefined ? anyPlace.exec(text) : /^(.*?):(\d+):(\d+)\)?$/.exec(text.slice(start))) ?? [];
  const file = place.startsWith("file:") ? pathOf(place) : place || undefined;
  // A stack can be forged, and the page shows the lines of the files that it names.
  const isInProject = file !== undefined && file.startsWith(`${folder}/`) && !/\/(?:node_modules|\.\.)\//.test(file);
  return { text, file, line: Number(line), column: Number(column), isInProject };
}

const anyPlace = /(?:^|[\s(])((?:file:\/\/)?\/[^()]*?):(\d+):(\d+)\)?$/;

function pathOf(url: string): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}

export interface SourceLine {
  readonly number: number;
  readonly text: string;
  readonly isFailing: boolean;
}

const contextLines = 4;
const maxLineCharacters = 300;

/** @returns no lines if the file is gone, or has too few lines. */
export function sourceAround({ file, line }: Pick<StackFrame, "file" | "line">): SourceLine[] {
  if (file === undefined) return [];
  let lines: string[];
  try {
    lines = readFileSync(file, "utf8").split("\n");
  } catch {
    return [];
  }
  if (line < 1 || line > lines.length) return [];
  const first = Math.max(1, line - contextLines);
  return lines.slice(first - 1, line + contextLines).map((text, index) => ({
    number: first + index,
    text: text.slice(0, maxLineCharacters).trimEnd(),
    isFailing: first + index === line,
  }));
}
