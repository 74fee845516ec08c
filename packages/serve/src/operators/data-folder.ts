/** The data folder: who owns it, the master key, and the lock that only one server has. */
import { chmod, chown, mkdir, open, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { mayEnter } from "@offhook/runtime/internal/isolate-user";
import { OffhookError } from "@offhook/runtime/offhook-error";
import type { User } from "../builds/task-runner.ts";
import { MasterKey } from "../secrets/sealing.ts";

/**
 * Makes the folder if it is missing, and gives it to the service user.
 * @returns its absolute path, with links resolved.
 * @throws OffhookError `data-folder-unusable`
 */
export async function prepareDataFolder(folder: string, serviceUser: User | undefined): Promise<string> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o711 });
    const path = await realpath(folder);
    refusePackagesAbove(path);
    for (const part of ["", "artefacts", "builds", "dependencies", "staging"]) {
      const each = join(path, part);
      await mkdir(each, { recursive: true, mode: 0o711 });
      // Functions run as other users, which may go through these folders and not list them.
      await chmod(each, 0o711);
      if (serviceUser !== undefined) await chown(each, serviceUser.uid, serviceUser.gid);
    }
    if (serviceUser !== undefined) refuseUnreachable(path, serviceUser);
    return path;
  } catch (error) {
    if (error instanceof OffhookError) throw error;
    throw new OffhookError("data-folder-unusable", (error as Error).message);
  }
}

/** Functions would find those packages, though no build asked for them. */
function refusePackagesAbove(path: string): void {
  for (let folder = path; ; folder = dirname(folder)) {
    const packages = join(folder, "node_modules");
    if (existsSync(packages)) {
      throw new OffhookError(
        "data-folder-unusable",
        `${packages} is above it, and functions would find the packages there. Choose a folder outside of ${folder}.`,
      );
    }
    if (dirname(folder) === folder) return;
  }
}

function refuseUnreachable(path: string, user: User): void {
  const folder = closedFolder(dirname(path), user);
  if (folder === undefined) return;
  throw new OffhookError(
    "data-folder-unusable",
    `The user ${user.uid}, as which the server runs, may not enter ${folder}. Run chmod o+x ${folder}, or choose another folder.`,
  );
}

/**
 * The processes without privileges load these programs, and so do functions.
 * @param files absolute paths.
 * @throws OffhookError `program-unreachable`
 */
export function refuseUnreachablePrograms(files: readonly string[], user: User): void {
  for (const file of files) {
    const folder = closedFolder(dirname(realpathSync(file)), user);
    if (folder !== undefined) throw new OffhookError("program-unreachable", `${folder}, above ${file}`);
  }
}

/** The highest folder that the user may not enter. */
function closedFolder(path: string, user: User): string | undefined {
  if (mayEnter(user, path)) return undefined;
  return (dirname(path) === path ? undefined : closedFolder(dirname(path), user)) ?? path;
}

/**
 * Reads the master key. Without a file of the operator's, the folder has it, and a new folder gets one.
 * @param file that the operator names.
 * @throws OffhookError `master-key-unusable`
 */
export async function readMasterKey(folder: string, file: string | undefined): Promise<Buffer> {
  const path = file ?? join(folder, "master.key");
  if (file === undefined && !existsSync(path)) {
    if (existsSync(join(folder, "offhook.db"))) {
      throw new OffhookError("master-key-unusable", `${path} is missing, and the database is sealed with it.`);
    }
    await writeFile(path, `${MasterKey.generate().toString("base64")}\n`, { mode: 0o400, flag: "wx" });
  }
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new OffhookError("master-key-unusable", (error as Error).message);
  });
  const key = Buffer.from(text.trim(), "base64");
  if (key.length === 32) return key;
  throw new OffhookError("master-key-unusable", `${path} has ${key.length} bytes. It needs 32, in base64.`);
}

/** Writes aside and renames, so that the file is always whole. */
export async function writeMasterKey(path: string, key: Buffer): Promise<void> {
  const aside = `${path}.partial`;
  await rm(aside, { force: true });
  const file = await open(aside, "wx", 0o400);
  await file.writeFile(`${key.toString("base64")}\n`);
  await file.sync();
  await file.close();
  await rename(aside, path);
}

/**
 * Lets only one server use the folder.
 * @returns a function that gives the folder free.
 * @throws OffhookError `data-folder-in-use`
 */
export async function lockDataFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, "serve.lock");
  const own = `${process.pid} ${startOf(process.pid) ?? ""}\n`;
  for (;;) {
    try {
      const file = await open(path, "wx", 0o644);
      await file.writeFile(own);
      await file.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
        throw new OffhookError("data-folder-unusable", (error as Error).message);
      }
    }
    const { pid, isRunning } = await readLock(path);
    if (isRunning) throw new OffhookError("data-folder-in-use", `The process ${pid} serves it.`);
    // A server that was killed left it. A lock without content is being written, or its writer was killed.
    if (pid === "" && Date.now() - (await stat(path).catch(() => ({ mtimeMs: 0 }))).mtimeMs < 1000) continue;
    await rm(path, { force: true });
  }
}

/** The process id of the server that uses the folder now. Undefined: none does. */
export async function servingProcess(folder: string): Promise<number | undefined> {
  const { pid, isRunning } = await readLock(join(folder, "serve.lock"));
  return isRunning ? Number(pid) : undefined;
}

async function readLock(path: string): Promise<{ readonly pid: string; readonly isRunning: boolean }> {
  const [pid = "", start = ""] = (await readFile(path, "utf8").catch(() => "")).trim().split(" ");
  // The system reuses numbers, so the start time counts too.
  return { pid, isRunning: pid !== "" && start !== "" && startOf(Number(pid)) === start };
}

/** The start time of a process, in ticks since the start of the system. Undefined if it does not run. */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
