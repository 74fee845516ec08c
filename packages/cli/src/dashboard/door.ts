/**
 * Where the `offhook dev` of a project can be asked, for other commands of the same user: a file that nobody else may read.
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { makeStateFolder } from "../journal/state-folder.ts";

export interface Door {
  /** Of the server. */
  readonly url: string;
  readonly token: string;
  readonly pid: number;
}

function doorFile(project: string): string {
  return join(project, ".offhook", "dev.json");
}

/** Of two who serve one project, the last is found. @returns what takes it away again. */
export async function openDoor(project: string, door: Door): Promise<() => Promise<void>> {
  const file = doorFile(project);
  try {
    await makeStateFolder(project);
    await rm(file, { force: true });
    await writeFile(file, JSON.stringify(door), { mode: 0o600, flag: "wx" });
  } catch {
    // A project that cannot be written to is served all the same; nobody finds it.
    return async () => undefined;
  }
  return async () => {
    const found = await readDoor(project);
    if (found?.pid === door.pid && found.url === door.url && found.token === door.token)
      await rm(file, { force: true });
  };
}

/** Undefined where none is open, as far as the file says: who made it may be gone. */
export async function readDoor(project: string): Promise<Door | undefined> {
  try {
    const { url, token, pid } = JSON.parse(await readFile(doorFile(project), "utf8")) as Partial<Door>;
    // It is asked with a secret: nobody is but a server of this machine.
    if (typeof url !== "string" || !/^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\]):\d+$/.test(url)) return undefined;
    return typeof token === "string" && typeof pid === "number" ? { url, token, pid } : undefined;
  } catch {
    return undefined;
  }
}
