/**
 * The project's `.offhook` folder: what machines write there is this machine's alone.
 */
import { lstat, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Makes it where there is none.
 * @param inner a folder in it that is wanted as well.
 * @throws Error where it cannot be made, or is a link: a project that was cloned could have it lead anywhere.
 */
export async function makeStateFolder(project: string, inner?: string): Promise<string> {
  const folder = join(project, ".offhook");
  const wanted = inner === undefined ? folder : join(folder, inner);
  for (const each of new Set([folder, wanted])) {
    await mkdir(each, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    if (!(await lstat(each)).isDirectory()) throw new Error(`${each} is no folder of its own`);
    if (each !== folder) continue;
    // What somebody has written there stays.
    await writeFile(join(folder, ".gitignore"), "*\n", { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
  return wanted;
}
