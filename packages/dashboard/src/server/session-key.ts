/**
 * The key that signs the dashboard's sessions. A project keeps its key, so that open pages continue after a restart.
 */
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { withFile } from "../journal/opened-file.ts";
import { makeStateFolder } from "../journal/state-folder.ts";

/** If the key cannot be stored, each start has a new one. */
export async function readSessionKey(project: string): Promise<string> {
  const kept = await readOwn(fileOf(project));
  return kept !== undefined && /^[\w-]{43}$/.test(kept) ? kept : await replaceSessionKey(project);
}

/** Replaces the key, which ends all sessions of the old key. @returns the new key. */
export async function replaceSessionKey(project: string): Promise<string> {
  const key = randomBytes(32).toString("base64url");
  try {
    await makeStateFolder(project);
    await rm(fileOf(project), { force: true });
    await writeFile(fileOf(project), key, { mode: 0o600, flag: "wx" });
  } catch {
    // The journal warns if the folder cannot be written.
  }
  return key;
}

function fileOf(project: string): string {
  return join(project, ".offhook", "session-key");
}

/**
 * Undefined if another user may have read or written the file. A file from git, for example, is readable by everyone.
 */
async function readOwn(file: string): Promise<string | undefined> {
  try {
    return await withFile(file, constants.O_RDONLY | constants.O_NOFOLLOW, async (handle) => {
      const { mode, uid, size } = await handle.stat();
      const isOwn = (mode & 0o077) === 0 && uid === process.getuid?.() && size < 100;
      return isOwn ? await handle.readFile("utf8") : undefined;
    });
  } catch {
    return undefined;
  }
}
