import { open, type FileHandle } from "node:fs/promises";

/** Opens a file for some work, and closes it even if the work fails. */
export async function withFile<T>(
  file: string,
  flags: string | number,
  work: (handle: FileHandle) => Promise<T>,
): Promise<T> {
  const handle = await open(file, flags);
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
}
