/**
 * Reads the stacks of origins: the places where operations started.
 */
import { pathToFileURL } from "node:url";
import type { Origin } from "../async-kinds.ts";

/** Returns "" if formatting fails: it may run the author's `Error.prepareStackTrace`. */
export function stackOf(origin: Origin): string {
  try {
    return typeof origin.stack === "string" ? origin.stack : "";
  } catch {
    return "";
  }
}

/** Finds frames of the project's own files, not of its packages. */
export class ProjectFrames {
  /** The folder as a path, and as a URL, which frames of ES modules have. */
  readonly #starts: readonly string[];

  /** @param folder of the project. */
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
