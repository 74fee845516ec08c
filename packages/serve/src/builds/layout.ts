/** The files of a build in their folder: as uploaded, with the dependencies as `node_modules`. */
import { randomBytes } from "node:crypto";
import { copyFile, link, mkdir, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { FolderStore } from "../artefacts/folder-store.ts";
import type { Row } from "../store/schema.ts";

export interface LayoutContent {
  readonly buildSid: string;
  readonly versions: readonly Row<"version">[];
  /** Name → installed version. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** Absolute path of the installed packages. Undefined without dependencies. */
  readonly modules: string | undefined;
}

export interface LayoutFolders {
  /** Absolute. Folders of builds are in it. */
  readonly builds: string;
  /** Absolute, on the same file system. */
  readonly staging: string;
}

/** Where a version is in the folder of its build. The same at every layout. */
export function fileOf({ kind, path }: Pick<Row<"version">, "kind" | "path">): string {
  return kind === "function" ? `functions${path}.js` : `assets${path}`;
}

/** @returns the absolute path of the build's folder, or undefined if it is not laid out. */
export async function findLayout(buildSid: string, { builds }: LayoutFolders): Promise<string | undefined> {
  const names = await readdir(builds).catch(() => []);
  const name = names.find((each) => each.startsWith(`${buildSid}-`));
  return name === undefined ? undefined : join(builds, name);
}

/**
 * Makes the folder aside, and moves it to its place when it is complete. Its name cannot be guessed, because functions
 * of other accounts may run as users that can enter the folder above.
 * @returns its absolute path.
 */
export async function layOut(content: LayoutContent, artefacts: FolderStore, folders: LayoutFolders): Promise<string> {
  const random = randomBytes(12).toString("hex");
  const aside = join(folders.staging, `build-${random}`);
  const place = join(folders.builds, `${content.buildSid}-${random}`);
  try {
    await mkdir(aside, { mode: 0o755 });
    const { buildSid: name, dependencies } = content;
    await writeFile(
      join(aside, "package.json"),
      JSON.stringify({ name: name.toLowerCase(), private: true, dependencies }),
    );
    for (const version of content.versions) {
      const file = join(aside, fileOf(version));
      // Paths were checked when they were uploaded. A mistake there must not write elsewhere.
      if (relative(aside, file).startsWith("..")) throw new Error(`The path ${version.path} leads out of the build.`);
      await mkdir(dirname(file), { recursive: true, mode: 0o755 });
      await linkOrCopy(artefacts.pathOf(version.content_sha256), file);
    }
    if (content.modules !== undefined) {
      await symlink(relative(place, content.modules), join(aside, "node_modules"));
    }
    await mkdir(folders.builds, { recursive: true, mode: 0o711 });
    await rename(aside, place);
    return place;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Codes of file systems that cannot link here. */
const unlinkable = new Set(["EMLINK", "ENOSYS", "ENOTSUP", "EPERM", "EXDEV"]);

/** Neither replaces an existing file. */
async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    if (!unlinkable.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await copyFile(source, target, 1);
  }
}
