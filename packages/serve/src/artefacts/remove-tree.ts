/** Removes folders whose content is read-only, as that of installed packages. */
import { chmod, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Does nothing if it is missing. Does not follow links. */
export async function removeTree(path: string): Promise<void> {
  await makeWritable(path);
  await rm(path, { recursive: true, force: true });
}

/** Removes what is in the folder, as far as this user may. */
export async function emptyFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    await removeTree(join(folder, name)).catch(() => undefined);
  }
}

async function makeWritable(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  if (entries.length > 0) await chmod(folder, 0o755);
  for (const entry of entries) if (entry.isDirectory()) await makeWritable(join(folder, entry.name));
}
