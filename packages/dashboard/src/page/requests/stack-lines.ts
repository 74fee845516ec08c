/** An author's error as text, taken apart: what it says, and where; the frames of the project apart from others. */
export interface StackFrame {
  /** Without the `at`, and the project's folder. */
  readonly text: string;
  /** Relative to the project, where it is in it. */
  readonly file?: string;
  readonly line?: number;
}

export interface ErrorText {
  readonly message: string;
  readonly projectFrames: readonly StackFrame[];
  readonly otherFrames: readonly StackFrame[];
}

/** @param file the function's, relative to the project: it tells where the project is. */
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

/** Of an error that a stranger made long. */
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
