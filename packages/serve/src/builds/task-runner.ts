/**
 * Runs the programs of builds for the control process, in the main process. Each is a child with limits on time, memory
 * and disk. If the main process is root, the child has a user of its own, which can read neither the database nor the
 * master key.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { lchown, lstat, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { signalGroup } from "@offhook/runtime/internal/process-group";
import type { BuildTask, BuildTaskResult } from "../link/messages.ts";
import { hasCredentials, readNpmSettings } from "./npm-settings.ts";

/** A user and its group. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface TaskRunnerOptions {
  /** Absolute path of npm's cache. */
  readonly cache: string;
  readonly isOffline: boolean;
  /** The user of the children. Undefined: that of this process. */
  readonly buildUser?: User | undefined;
  /** The user that gets the results. Undefined: that of this process. */
  readonly serviceUser?: User | undefined;
}

/** Bytes of a result: the lock of a large tree. */
const maxResultBytes = 20 * 2 ** 20;
const maxFiles = 200_000;
const measureMs = 500;

/** @returns a function that runs tasks. It never rejects. */
export function createTaskRunner(options: TaskRunnerOptions): (task: BuildTask) => Promise<BuildTaskResult> {
  return async (task) => {
    try {
      return await runTask(task, options);
    } catch (error) {
      return { ok: false, reason: (error as Error).message, isNetwork: false };
    }
  };
}

async function runTask(task: BuildTask, options: TaskRunnerOptions): Promise<BuildTaskResult> {
  const { cache, isOffline, buildUser, serviceUser } = options;
  await mkdir(cache, { recursive: true, mode: 0o700 });
  if (buildUser !== undefined) {
    await lchown(cache, buildUser.uid, buildUser.gid);
    await lchown(task.folder, buildUser.uid, buildUser.gid);
  }
  const npm = await readNpmSettings();
  const child = spawn(process.execPath, [`--max-old-space-size=${task.memoryMb}`, programOf(task)], {
    cwd: task.folder,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    // Nothing of the host's environment, except where programs are.
    env: {
      PATH: process.env["PATH"],
      HOME: task.folder,
      TMPDIR: task.folder,
      NODE_EXTRA_CA_CERTS: process.env["NODE_EXTRA_CA_CERTS"],
    },
    ...buildUser,
  });
  try {
    child.stdin.on("error", () => undefined);
    child.stdin.end(
      JSON.stringify({
        ...(task.input as object),
        folder: task.folder,
        npm: { ...npm, cache, ...(isOffline && { offline: true }) },
      }),
    );
    const result = await resultOf(child, task);
    return result.ok ? { ...result, isPrivate: hasCredentials(npm) } : result;
  } finally {
    // Scripts of packages may have started more.
    if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
    if (buildUser !== undefined) await giveTo(task.folder, serviceUser ?? ownUser());
  }
}

async function resultOf(child: ChildProcess, task: BuildTask): Promise<BuildTaskResult> {
  const done = Promise.withResolvers<BuildTaskResult>();
  const fail = (reason: string, isNetwork = false): void => done.resolve({ ok: false, reason, isNetwork });
  const output: Buffer[] = [];
  let bytes = 0;
  let complaints = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxResultBytes) fail(`The list of packages is larger than ${maxResultBytes / 2 ** 20} MB.`);
    else output.push(chunk);
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (complaints = (complaints + text).slice(-4000)));
  child.once("error", (error) => fail(error.message));
  child.once("close", (code, signal) => {
    try {
      done.resolve(JSON.parse(Buffer.concat(output).toString()) as BuildTaskResult);
    } catch {
      const isMemory = signal === "SIGABRT" || complaints.includes("heap out of memory");
      fail(isMemory ? `It needs more memory than ${task.memoryMb} MB.` : `It ended with ${signal ?? `code ${code}`}.`);
    }
  });
  // The registry takes most of this time.
  const deadline = setTimeout(() => fail(`It took longer than ${task.timeoutMs / 1000} s.`, true), task.timeoutMs);
  const meter = setInterval(() => {
    void excessOf(task).then((reason) => reason !== undefined && fail(reason));
  }, measureMs);
  const result = await done.promise;
  clearTimeout(deadline);
  clearInterval(meter);
  // A fast child may have ended between two measurements.
  const reason = result.ok ? await excessOf(task) : undefined;
  return reason === undefined ? result : { ok: false, reason, isNetwork: false };
}

/** @returns undefined while the folder is within its limits. */
async function excessOf({ folder, diskMb }: BuildTask): Promise<string | undefined> {
  const { bytes, files } = await sizeOf(folder);
  if (bytes > diskMb * 2 ** 20) return `The packages need more than ${diskMb} MB.`;
  if (files > maxFiles) return `The packages have more than ${maxFiles} files.`;
  return undefined;
}

function programOf({ program }: BuildTask): string {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`programs/${program}-program.${extension}`, import.meta.url).pathname;
}

/** Does not follow links. Files that disappear meanwhile do not count. */
async function sizeOf(folder: string): Promise<{ bytes: number; files: number }> {
  let bytes = 0;
  let files = 0;
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    for (const entry of await readdir(next, { withFileTypes: true }).catch(() => [])) {
      files += 1;
      const path = join(next, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else
        bytes += await lstat(path).then(
          ({ size }) => size,
          () => 0,
        );
    }
  }
  return { bytes, files };
}

/** Nothing of the child runs any more. */
async function giveTo(folder: string, { uid, gid }: User): Promise<void> {
  await lchown(folder, uid, gid);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await giveTo(path, { uid, gid });
    else await lchown(path, uid, gid);
  }
}

function ownUser(): User {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}
