/** Splits the text of an author's error into its message, the frames in the project and the other frames. */
export interface StackFrame {
  /** Without `at` and without the project's folder. */
  readonly text: string;
  /** Relative to the project. Only for files in the project. */
  readonly file?: string;
  readonly line?: number;
}

export interface ErrorText {
  readonly message: string;
  readonly projectFrames: readonly StackFrame[];
  readonly otherFrames: readonly StackFrame[];
}

/** @param file the function's file, relative to the project. It shows where the project's folder is in the paths. */
export function readErrorText(detail: string, file: string | undefined): ErrorText {
  const lines = detail.split("\n");
  const first = lines.findIndex((line) => frameText(line) !== undefined);
  const message = (first === -1 ? lines : lines.slice(0, first)).join("\n").trimEnd();
  const root = rootOf(detail, file);
  const frames = (first === -1 ? [] : lines.slice(first)).flatMap((line) => {
    const text = frameText(line);
    return text === undefined ? [] : [frameOf(text, root)];
  });
  return {
    message,
    projectFrames: frames.filter((frame) => frame.file !== undefined),
    otherFrames: frames.filter((frame) => frame.file === undefined),
  };
}

/** Callers can make an error's text very long. */
const maxPathLength = 4096;

function frameText(line: string): string | undefined {
  return /^\s+at (.+)$/.exec(line)?.[1];
}

function rootOf(detail: string, file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  for (const line of detail.split("\n")) {
    const end = line.indexOf(`/${file}:`);
    if (end === -1 || end > maxPathLength) continue;
    const path = /^\s+at (?:.*? \()?(?:async )?(?:file:\/\/)?(\/.*|[A-Za-z]:.*)$/.exec(line.slice(0, end))?.[1];
    if (path !== undefined) return path;
  }
  return undefined;
}

function frameOf(whole: string, root: string | undefined): StackFrame {
  const text = root === undefined ? whole : whole.replaceAll(`file://${root}/`, "").replaceAll(`${root}/`, "");
  const where = /\(([^()]*)\)$/.exec(text)?.[1] ?? text.replace(/^async /, "");
  const [, place = "", line = ""] = /^(.*?):(\d+)(?::\d+)?$/.exec(where) ?? [];
  const isOwn = place !== "" && !/^(?:[\w-]+:|\/|\.\.\/|<)/.test(place) && !place.includes("node_modules/");
  return isOwn ? { text, file: place.replace(/^\.\//, ""), line: Number(line) } : { text };
}
