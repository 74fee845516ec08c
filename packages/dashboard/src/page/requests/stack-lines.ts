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
  readonly own: readonly StackFrame[];
  readonly others: readonly StackFrame[];
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
    own: frames.filter((frame) => frame.file !== undefined),
    others: frames.filter((frame) => frame.file === undefined),
  };
}

function frameText(line: string): string | undefined {
  return /^\s+at (.+)$/.exec(line)?.[1];
}

function rootOf(detail: string, file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const end = detail.indexOf(`/${file}:`);
  if (end === -1) return undefined;
  const before = detail.slice(0, end);
  // A path begins behind a bracket, `file://`, or a space.
  const start = Math.max(before.lastIndexOf("("), before.lastIndexOf(" "), before.lastIndexOf("\n")) + 1;
  const path = before.slice(start).replace(/^file:\/\//, "");
  return path.startsWith("/") || /^[A-Za-z]:/.test(path) ? path : undefined;
}

function frameOf(whole: string, root: string | undefined): StackFrame {
  const text = root === undefined ? whole : whole.replaceAll(`file://${root}/`, "").replaceAll(`${root}/`, "");
  const [, place = "", line = ""] = /(?:^|[\s(])([^\s()]+?):(\d+)(?::\d+)?\)?$/.exec(text) ?? [];
  const isOwn = place !== "" && !/^(?:[\w-]+:|\/|\.\.\/|<)/.test(place) && !place.includes("node_modules/");
  return isOwn ? { text, file: place.replace(/^\.\//, ""), line: Number(line) } : { text };
}
