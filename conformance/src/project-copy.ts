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

/** A copy that may be changed. Its node_modules has the one package that the project needs. */
export async function copyProject(project: string): Promise<ProjectCopy> {
  // The real path, because a server that resolves links would otherwise treat its project as outside of its folder.
  const folder = await realpath(await mkdtemp(join(tmpdir(), "functions-conformance-project-")));
  await cp(project, folder, { recursive: true });
  await addModulePackage(folder);
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }) };
}

/** The token in the project's `.env`, with which its server checks signatures. */
export async function authTokenOf(project: string): Promise<string | undefined> {
  return parseEnv(await readFile(join(project, ".env"), "utf8"))["AUTH_TOKEN"];
}
