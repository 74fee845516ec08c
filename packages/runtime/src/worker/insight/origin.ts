/**
 * Where something was begun: a stack that is formatted only when somebody reads it.
 */
import { pathToFileURL } from "node:url";

// User code may replace these.
const { set } = Reflect;
const { captureStackTrace } = Error;

export interface Origin {
  stack?: string;
}

/** @param below frames from this function upwards are left out. */
export function originHere(frames: number, below: (...args: never[]) => unknown): Origin {
  const limit = Error.stackTraceLimit;
  // Not an assignment, which would throw where the class is frozen.
  set(Error, "stackTraceLimit", frames);
  const origin: Origin = {};
  captureStackTrace(origin, below);
  set(Error, "stackTraceLimit", limit);
  return origin;
}

/** What formats it may be the author's own (`Error.prepareStackTrace`), and fail. */
export function stackOf(origin: Origin): string {
  try {
    return typeof origin.stack === "string" ? origin.stack : "";
  } catch {
    return "";
  }
}

/** Frames that are the project's own, not those of its packages. */
export class OwnFrames {
  /** By path, and as ES modules have it. */
  readonly #starts: readonly string[];

  /** @param folder the project's. */
  constructor(folder: string) {
    this.#starts = [`${folder}/`, `${pathToFileURL(folder).href}/`];
  }

  of(origin: Origin): string[] {
    return stackOf(origin)
      .split("\n")
      .filter((line) => line.startsWith("    at ") && !line.includes("/node_modules/") && this.#isOwn(line));
  }

  #isOwn(line: string): boolean {
    return this.#starts.some((start) => line.includes(start));
  }
}
