/**
 * How other commands of the same user reach the `offhook dev` of a project: a file that only this user can read.
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { makeStateFolder } from "../journal/state-folder.ts";
import type { Session } from "./sessions.ts";

/** Includes a session of the dashboard. */
export interface DevServerInfo extends Session {
  /** The URL of the functions. */
  readonly url: string;
  /** The origin of the dashboard. */
  readonly dashboard: string;
  readonly cookieName: string;
  readonly pid: number;
}

function infoFile(project: string): string {
  return join(project, ".offhook", "dev.json");
}

/** If two processes serve one project, the file names the later one. @returns a function that removes the file. */
export async function writeDevServerInfo(project: string, info: DevServerInfo): Promise<() => Promise<void>> {
  const file = infoFile(project);
  try {
    await makeStateFolder(project);
    await rm(file, { force: true });
    await writeFile(file, JSON.stringify(info), { mode: 0o600, flag: "wx" });
  } catch {
    // Without the file, other commands do not find this process. It serves the project all the same.
    return async () => undefined;
  }
  return async () => {
    const found = await readDevServerInfo(project);
    if (found?.pid === info.pid && found.token === info.token) await rm(file, { force: true });
  };
}

/** Returns undefined if no process serves the project. The process that wrote the file may have been killed. */
export async function readDevServerInfo(project: string): Promise<DevServerInfo | undefined> {
  try {
    const info = JSON.parse(await readFile(infoFile(project), "utf8")) as Partial<DevServerInfo>;
    // The session is sent there, so it must be an address of this machine.
    if (!/^http:\/\/127\.0\.0\.1(?::\d+)?$/.test(String(info.dashboard)) || typeof info.pid !== "number")
      return undefined;
    const texts = [info.url, info.cookieName, info.cookie, info.token];
    // oxlint-disable-next-line no-control-regex -- nothing that is invalid in a header
    if (!texts.every((text) => typeof text === "string" && /^[!-~]+$/.test(text))) return undefined;
    return info as DevServerInfo;
  } catch {
    return undefined;
  }
}
