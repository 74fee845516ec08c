import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { removeTree } from "../src/artefacts/remove-tree.ts";

/** An empty folder that is removed after the test. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "offhook-serve-"));
  t.after(() => removeTree(folder));
  return folder;
}
