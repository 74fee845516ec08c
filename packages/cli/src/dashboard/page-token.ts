import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { withFile } from "../journal/opened-file.ts";
import { makeStateFolder } from "../journal/state-folder.ts";

/**
 * What requests of the page carry. It is the same for all starts of a project, so that a page that is open goes on when the server comes
 * back; where it cannot be kept, each start has another.
 */
export async function pageToken(project: string): Promise<string> {
  const file = join(project, ".offhook", "page-token");
  const kept = await readOwn(file);
  if (kept !== undefined && /^[\w-]{32}$/.test(kept)) return kept;
  const token = randomBytes(24).toString("base64url");
  try {
    await makeStateFolder(project);
    await rm(file, { force: true });
    await writeFile(file, token, { mode: 0o600, flag: "wx" });
  } catch {
    // The journal says so, if it cannot be written either.
  }
  return token;
}

/** Undefined where somebody else may have read or written it: git, for one, gives everybody the right to read. */
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
