/**
 * The project's `.offhook` folder. Its contents concern only this machine.
 */
import { lstat, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Creates the folder if it is missing.
 * @param inner a folder inside it to create as well.
 * @throws Error if the folder cannot be created, or is a link: in a cloned project, a link could lead anywhere.
 */
export async function makeStateFolder(project: string, inner?: string): Promise<string> {
  const folder = join(project, ".offhook");
  const wanted = inner === undefined ? folder : join(folder, inner);
  for (const each of new Set([folder, wanted])) {
    await mkdir(each, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    if (!(await lstat(each)).isDirectory()) throw new Error(`${each} is not a folder`);
    if (each !== folder) continue;
    // An existing file is kept.
    await writeFile(join(folder, ".gitignore"), "*\n", { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
  return wanted;
}
