/**
 * Opens a file in the author's editor.
 */
import { realpath } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, sep } from "node:path";

import type { OpenRequest } from "../api.ts";

import { ApiError } from "./api-answer.ts";

/** A function that starts an editor: one that is running, or the one in `LAUNCH_EDITOR`, `VISUAL` or `EDITOR`. */
export type LaunchEditor = (place: string, onError: (file: string, message: string | null) => void) => void;

/**
 * Opens a file of the project, and no other.
 * @throws ApiError `not-found`, `editor-unavailable`.
 */
export async function openInEditor(
  folder: string,
  { file, line }: OpenRequest,
  load: () => Promise<LaunchEditor> = loadLauncher,
): Promise<void> {
  const found = await realpath(join(folder, file)).catch(() => undefined);
  if (found === undefined || !found.startsWith(folder + sep)) {
    throw new ApiError(404, "not-found", "The project has no such file.");
  }
  const launch = await load();
  const { promise, reject, resolve } = Promise.withResolvers<void>();
  launch(line === undefined ? found : `${found}:${line}`, (_file, message) => {
    reject(new ApiError(409, "editor-unavailable", editorAdvice(message)));
  });
  // The launcher reports errors only, and it reports them at once.
  setTimeout(resolve, 300);
  await promise;
}

function editorAdvice(message: string | null): string {
  return `No editor could be opened${message === null ? "" : ` (${message})`}. Set EDITOR or LAUNCH_EDITOR to its command, and start again.`;
}

async function loadLauncher(): Promise<LaunchEditor> {
  const { default: launch } = (await import("launch-editor")) as unknown as { default: LaunchEditor };
  const guess = createRequire(import.meta.url)("launch-editor/guess") as () => readonly (string | null)[];
  return (place, onError) => {
    // Without an editor, the launcher would print its advice into the log.
    if (guess()[0]) launch(place, onError);
    else onError(place, null);
  };
}
