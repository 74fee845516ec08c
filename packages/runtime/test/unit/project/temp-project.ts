/** Project folders for tests, made from a list of files and removed when the test ends. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";

/** @returns the folder's absolute path, with links resolved */
export function makeProject(t: TestContext, files: Readonly<Record<string, string>> | readonly string[] = []): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "offhook-project-")));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  const contents = Array.isArray(files)
    ? Object.fromEntries(files.map((name: string) => [name, ""]))
    : (files as Record<string, string>);
  for (const [name, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}
