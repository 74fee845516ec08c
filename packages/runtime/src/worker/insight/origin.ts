/**
 * Reads stacks of where something was begun.
 */
import { pathToFileURL } from "node:url";
import type { Origin } from "../async-kinds.ts";

/** What formats it may be the author's own (`Error.prepareStackTrace`), and fail. */
export function stackOf(origin: Origin): string {
  try {
    return typeof origin.stack === "string" ? origin.stack : "";
  } catch {
    return "";
  }
}

/** Frames that are the project's own, not those of its packages. */
export class ProjectFrames {
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
