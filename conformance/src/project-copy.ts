import { cp, mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { addModulePackage } from "./arrangements.ts";

/** The project beside this client. */
export const ownProject = fileURLToPath(new URL("../project", import.meta.url));

export interface ProjectCopy {
  readonly folder: string;
  readonly remove: () => Promise<void>;
}

/** A copy that may be changed, with the one package that the project needs in node_modules. */
export async function copyProject(project: string): Promise<ProjectCopy> {
  // The real path: a server that resolves links must not take its own project for something outside.
  const folder = await realpath(await mkdtemp(join(tmpdir(), "functions-conformance-project-")));
  await cp(project, folder, { recursive: true });
  await addModulePackage(folder);
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }) };
}

/** The token that the project's `.env` names: what a server that serves it checks signatures with. */
export async function authTokenOf(project: string): Promise<string | undefined> {
  return parseEnv(await readFile(join(project, ".env"), "utf8"))["AUTH_TOKEN"];
}
