/**
 * A project in a temporary folder, with packages as by `npm install`.
 */
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { repository } from "./offhook-process.ts";

export interface TemporaryProject {
  readonly folder: string;
  /** Adds a file, or replaces one. */
  write(name: string, content: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * @param from the project to copy; absolute, or relative to the repository.
 * @param files path in the project → content. They replace existing files.
 * @param options `hasPackages`: whether the project has the packages that are installed in the checkout.
 */
export async function copyProject(
  from: string | undefined,
  files: Readonly<Record<string, string>> = {},
  { hasPackages = true }: { readonly hasPackages?: boolean } = {},
): Promise<TemporaryProject> {
  const folder = await mkdtemp(join(tmpdir(), "offhook-project-"));
  // Readable for all, as projects are: isolates may have a user of their own.
  await chmod(folder, 0o755);
  if (from !== undefined) await cp(join(repository, from), folder, { recursive: true });
  if (hasPackages) await linkPackages(folder);
  const write = async (name: string, content: string): Promise<void> => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  };
  for (const [name, content] of Object.entries(files)) await write(name, content);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 10 });
  return { folder, write, [Symbol.asyncDispose]: remove };
}

/** Links the packages that are installed in the checkout into the project. */
export async function linkPackages(folder: string): Promise<void> {
  await symlink(join(repository, "node_modules"), join(folder, "node_modules"));
}
