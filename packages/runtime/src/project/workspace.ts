/** The workspace or repository that contains a project. */
import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { readJsonFile } from "../json-file.ts";

/**
 * The nearest folder, from the project's folder upwards, with a list of workspaces or a repository. Undefined if there
 * is none. A home folder does not count as a workspace: some users keep their settings in a repository there.
 * @param folder absolute, links resolved.
 */
export async function findWorkspace(folder: string): Promise<string | undefined> {
  const above = dirname(folder);
  if (above === folder || folder === home()) return undefined;
  return (await isWorkspace(folder)) ? folder : await findWorkspace(above);
}

async function isWorkspace(folder: string): Promise<boolean> {
  for (const name of ["pnpm-workspace.yaml", ".git"]) {
    if (await exists(join(folder, name))) return true;
  }
  const manifest = await readJsonFile(join(folder, "package.json")).catch(() => undefined);
  return manifest?.["workspaces"] !== undefined;
}

async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}

/** Undefined for a user without a home folder. */
function home(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}
