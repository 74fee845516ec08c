/**
 * The results of an examination.
 */

/** `problem`: functions will not run correctly. `warning`: worth checking. */
export type Mark = "ok" | "warning" | "problem";

export interface Result {
  readonly mark: Mark;
  readonly message: string;
  /** The fix: a command, or a line to write. */
  readonly next?: string;
}

export function ok(message: string): Result {
  return { mark: "ok", message };
}

export function warning(message: string, next: string): Result {
  return { mark: "warning", message, next };
}

export function problem(message: string, next: string): Result {
  return { mark: "problem", message, next };
}

/** "a, b and 3 more". */
export function listed(names: readonly string[], most = 8): string {
  const more = names.length - most;
  return names.slice(0, most).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
