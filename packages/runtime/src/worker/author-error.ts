/**
 * Serializes the author's error for the pool. Its text stays as it is, but our own frames are removed.
 */
import type { SerializedError } from "../protocol/messages.ts";

const { fileURLToPath } = process.getBuiltinModule("node:url");
const { types } = process.getBuiltinModule("node:util");

const maxCharacters = 100_000;

let requirer: string | undefined;

/** @param file the file from which we require functions. Node takes it for a module of the author. */
export function hideRequirer(file: string): void {
  requirer = file;
}

/** Removes our file from Node's list of files that required each other. */
function withoutRequirer(text: string): string {
  if (requirer === undefined || !text.includes(requirer)) return text;
  return text
    .replaceAll(`\n- ${requirer}`, "")
    .replaceAll(` (from ${requirer})`, "")
    .replace(/\n?Require stack:(?=\n(?!- )|$)/, "");
}

/** Never throws. Anything can be thrown, and reading it can throw as well: a getter, `toString`, a proxy. */
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

/** Keeps only the start of a very long text. Neither the frame nor the log has room for all of it. */
function cut(text: string): string {
  if (text.length <= maxCharacters) return text;
  return `${text.slice(0, maxCharacters)}… (${text.length - maxCharacters} more characters)`;
}

export function isErrorLike(value: unknown): boolean {
  return types.isNativeError(value) || value instanceof Error;
}

/** Our whole source folder. With source maps, Node reports some files by path instead of by URL. */
const ourUrl = new URL("..", import.meta.url).href;
const ourPath = fileURLToPath(ourUrl);

/**
 * Removes our frames from a stack. Our frames between those of the author are functions that they called
 * (`context.getTwilioClient`), or hooks. All frames below the author's last one led to the handler.
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

/** Adds the stacks of the error's causes. The limit also ends a cycle of causes. */
function withCauses(stack: string, error: unknown): string {
  let text = stack;
  let cause = (error as Error).cause;
  for (let depth = 0; depth < 5 && isErrorLike(cause); depth++) {
    text += `\n  caused by ${withoutOurs(String((cause as Error).stack))}`;
    cause = (cause as Error).cause;
  }
  return text;
}
