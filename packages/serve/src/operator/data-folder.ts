/** The data folder of a server, and the checks before anything in it is used. */
import { constants } from "node:fs";
import { access, mkdir, readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { OffhookError } from "@offhook/runtime/offhook-error";

export interface DataFolder {
  /** Absolute. */
  readonly folder: string;
  readonly database: string;
  readonly artefacts: string;
  readonly masterKey: string;
  /** The first line of this file is the process id of the running server. */
  readonly processId: string;
}

export function dataFolderAt(folder: string): DataFolder {
  const path = resolve(folder);
  return {
    folder: path,
    database: join(path, "offhook.db"),
    artefacts: join(path, "artefacts"),
    masterKey: join(path, "master.key"),
    processId: join(path, "serve.pid"),
  };
}

/** @throws OffhookError `data-folder-unusable`. */
export async function createDataFolder(folder: string): Promise<DataFolder> {
  const data = dataFolderAt(folder);
  for (let parent = data.folder; ; parent = dirname(parent)) {
    if (await exists(join(parent, "node_modules")))
      throw unusable(data.folder, `${join(parent, "node_modules")} exists, and functions could load its packages`);
    if (parent === dirname(parent)) break;
  }
  try {
    // Others may pass through, because isolates have users of their own. They cannot list it.
    await mkdir(data.folder, { recursive: true, mode: 0o711 });
    if (!(await stat(data.folder)).isDirectory()) throw new Error("it is not a folder");
    await access(data.folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(data.folder, error instanceof Error ? error.message : String(error));
  }
  return data;
}

/** @throws OffhookError `data-folder-unusable` if no server has ever started on the folder. */
export async function openDataFolder(folder: string): Promise<DataFolder> {
  const data = dataFolderAt(folder);
  if (await exists(data.database)) return data;
  throw unusable(data.folder, "it has no offhook.db, so it is not the data folder of a server that has started");
}

/** The process id of the server that runs on this folder, if one does. */
export async function runningServer({ processId }: DataFolder): Promise<number | undefined> {
  const text = await readFile(processId, "utf8").catch(() => "");
  const pid = Number.parseInt(text, 10);
  if (!(pid > 0)) return undefined;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM" ? pid : undefined;
  }
}

export function unusable(folder: string, reason: string): OffhookError {
  return new OffhookError("data-folder-unusable", `${folder}: ${reason}`);
}

export async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
