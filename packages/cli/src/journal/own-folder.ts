import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The project's `.offhook`, and a folder in it: made where they are not there, for this user alone, and out of git's sight.
 * A project that is gone is not made again.
 * @param names of folders below it, from the outside in.
 * @returns the innermost.
 * @throws Error of the file system.
 */
export async function makeOwnFolder(project: string, ...names: readonly string[]): Promise<string> {
  let folder = join(project, ".offhook");
  if (await isMade(folder)) await writeFile(join(folder, ".gitignore"), "*\n");
  for (const name of names) {
    folder = join(folder, name);
    await isMade(folder);
  }
  return folder;
}

/** @returns false where it was there already. */
async function isMade(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o700 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
