import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";

/** Creates a folder with these files (path → text), and removes it after the test. @returns its path. */
export async function scratchProject(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "offhook-helpers-")));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
  for (const [place, text] of Object.entries(files)) {
    const file = join(folder, place);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return folder;
}
