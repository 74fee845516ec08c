/**
 * The author's error on its way out of the isolate: never reworded, and without the frames that are ours.
 */
import type { SerializedError } from "../protocol/messages.ts";

const { fileURLToPath } = process.getBuiltinModule("node:url");
const { types } = process.getBuiltinModule("node:util");

const maxCharacters = 100_000;

let requirer: string | undefined;

/** The file from which we require functions: to Node a module of the author's. */
export function hideRequirer(file: string): void {
  requirer = file;
}

/** Node lists the files that required each other. The outermost is ours. */
function withoutRequirer(text: string): string {
  if (requirer === undefined || !text.includes(requirer)) return text;
  return text
    .replaceAll(`\n- ${requirer}`, "")
    .replaceAll(` (from ${requirer})`, "")
    .replace(/\n?Require stack:(?=\n(?!- )|$)/, "");
}

/** Anything can be thrown, and anything about it can throw: a getter, `toString`, a proxy. */
export function serializeError(thrown: unknown): SerializedError {
  try {
    if (typeof thrown === "object" && thrown !== null && "message" in thrown) {
      const { name, message, stack } = thrown as Error;
      const error = { name: cut(String(name ?? "Error")), message: cut(withoutRequirer(String(message))) };
      if (typeof stack !== "string") return error;
      return { ...error, stack: cut(withoutRequirer(withCauses(withoutOurs(stack), thrown))) };
    }
    return { name: "Error", message: cut(String(thrown)) };
  } catch {
    return { name: "Error", message: "the thrown value cannot be shown" };
  }
}

/** Of an error as long as a body of its own, the beginning: neither the frame nor the log has room for all of it. */
function cut(text: string): string {
  if (text.length <= maxCharacters) return text;
  return `${text.slice(0, maxCharacters)}… (${text.length - maxCharacters} more characters)`;
}

export function isErrorLike(value: unknown): boolean {
  return types.isNativeError(value) || value instanceof Error;
}

/** With all that is beside it. With source maps, Node tells of some files by path. */
const ourUrl = new URL("..", import.meta.url).href;
const ourPath = fileURLToPath(ourUrl);

/**
 * Frames of ours between those of the author are what he called (`context.getTwilioClient`), or hooks: they are left
 * out. Below his last one everything is how we got to the handler.
 */
export function withoutOurs(stack: string): string {
  const lines = stack.split("\n");
  const isFrame = (line: string): boolean => line.startsWith("    at ");
  const isOurs = (line: string): boolean => isFrame(line) && (line.includes(ourUrl) || line.includes(ourPath));
  const last = lines.findLastIndex((line) => isFrame(line) && !isOurs(line) && !nodeFrame.test(line));
  const end = lines.findIndex((line, index) => index > last && isOurs(line));
  return (end === -1 ? lines : lines.slice(0, end)).filter((line) => !isOurs(line)).join("\n");
}

const nodeFrame = /\(?(?:node:|<anonymous>)/;

/** A chain of causes tells what happened; a loop in it must not keep us. */
function withCauses(stack: string, error: unknown): string {
  let text = stack;
  let cause = (error as Error).cause;
  for (let depth = 0; depth < 5 && isErrorLike(cause); depth++) {
    text += `\n  caused by ${withoutOurs(String((cause as Error).stack))}`;
    cause = (cause as Error).cause;
  }
  return text;
}
