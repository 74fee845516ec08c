/**
 * A changed `.env` reaches the next invocation without a restart (contract row 116).
 */
import { unwatchFile, watch, watchFile } from "node:fs";
import type { FSWatcher } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";

import { notices } from "@offhook/runtime/observe";
import { envWarnings, loadVariables } from "@offhook/runtime/project";
import type { Service } from "@offhook/runtime/service";

export type Variables = Readonly<Record<string, string>>;

/** An editor writes a file in several steps. One read after the last step is enough. */
const settleMs = 50;
const pollMs = 2000;

/**
 * Reads `file` again when it changes, and passes the variables on if they differ. A missing or unreadable file
 * changes nothing: an editor may be about to replace it.
 * @returns a function that ends the watch. The watch does not keep the process alive.
 */
export function watchVariables(
  file: string,
  { sid: service, variables: initial }: Pick<Service, "sid" | "variables">,
  onChange: (variables: Variables) => void,
): () => void {
  let current = initial;
  let timer: NodeJS.Timeout | undefined;

  const read = async (): Promise<void> => {
    try {
      // Reading a pipe would wait until another process writes to it.
      const stats = await stat(file).catch(() => undefined);
      if (stats?.isFIFO()) throw new Error(`${file} is a pipe`);
      const env = await loadVariables(file);
      const next = env.variables;
      const change = describeChange(current, next);
      if (change === undefined) return;
      current = next;
      onChange(next);
      notices.publish({ service, level: "info", message: `Reloaded variables from ${file}: ${change}` });
      for (const message of envWarnings(env, basename(file))) notices.publish({ service, level: "warn", message });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `Could not reload the variables: ${reason}`;
      notices.publish({ service, level: "warn", code: "file-unreadable", message });
    }
  };
  const readSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void read(), settleMs).unref();
  };

  const endWatch = watchFolder(file, readSoon) ?? pollFile(file, readSoon);
  return () => {
    clearTimeout(timer);
    endWatch();
  };
}

/** Watches the folder, not the file: after a file is replaced by renaming, its watcher sees only the old one. */
function watchFolder(file: string, onEvent: () => void): (() => void) | undefined {
  let watcher: FSWatcher;
  try {
    watcher = watch(dirname(file), { persistent: false });
  } catch {
    // The system has no watches left, or the file system does not support them.
    return undefined;
  }
  let end = (): void => watcher.close();
  const pollInstead = (): void => {
    watcher.close();
    end = pollFile(file, onEvent);
  };
  watcher.on("change", (_event, name) => {
    // The folder itself was removed or renamed. Its watch goes with it, and another folder may take its place.
    if (name === basename(dirname(file))) {
      pollInstead();
      onEvent();
    }
    // Kubernetes replaces a mounted file by moving the link `..data`. Some systems report no name.
    const isOurs = name === null || name === basename(file) || String(name).startsWith("..");
    if (isOurs) onEvent();
  });
  watcher.on("error", pollInstead);
  return () => end();
}

function pollFile(file: string, onEvent: () => void): () => void {
  const listener = (): void => onEvent();
  watchFile(file, { interval: pollMs, persistent: false }, listener);
  return () => unwatchFile(file, listener);
}

/** Names only, never values: `added A, B; changed C; removed D`. Undefined if nothing differs. */
export function describeChange(before: Variables, after: Variables): string | undefined {
  const inBefore = (key: string): boolean => Object.hasOwn(before, key);
  const inAfter = (key: string): boolean => Object.hasOwn(after, key);
  const parts = [
    ["added", Object.keys(after).filter((key) => !inBefore(key))],
    ["changed", Object.keys(after).filter((key) => inBefore(key) && before[key] !== after[key])],
    ["removed", Object.keys(before).filter((key) => !inAfter(key))],
  ] as const;
  const changedParts = parts.filter(([, keys]) => keys.length > 0);
  if (changedParts.length === 0) return undefined;
  return changedParts.map(([word, keys]) => `${word} ${keys.toSorted().join(", ")}`).join("; ");
}
