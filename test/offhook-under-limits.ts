/**
 * The real command under limits: started by a shell that sets them. Tests choose the target of its output.
 */
import { execFile, spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { freePort } from "../conformance/src/targets/free-port.ts";
import { call, type Answer } from "../packages/runtime/test/site.ts";
import { repository, type LogLine } from "./offhook-process.ts";

export interface LimitedOffhook {
  readonly url: string;
  readonly pid: number;
  readonly child: ChildProcess;
  /** Exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;
  call(path: string): Promise<Answer>;
}

export interface Limits {
  /** Commands of the shell before it becomes the server: `ulimit -n 60`. */
  readonly shell?: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stdio?: StdioOptions;
}

/** Waits until it answers, with any status. */
export async function startLimited(t: TestContext, folder: string, limits: Limits = {}): Promise<LimitedOffhook> {
  const { shell = "", flags = [], env = { HOME: process.env["HOME"] }, stdio = "ignore" } = limits;
  const port = await freePort();
  const command = [process.execPath, join(repository, "packages/cli/bin/offhook.js")];
  const args = ["start", folder, "--port", String(port), "--host", "127.0.0.1", "--log", "json", ...flags];
  const child = spawn("/bin/sh", ["-c", `${shell}\nexec "$@"`, "sh", ...command, ...args], {
    cwd: repository,
    env: { PATH: process.env["PATH"], ...env },
    stdio,
  });
  const exited = once(child, "exit").then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  t.after(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  const url = `http://127.0.0.1:${port}`;
  const offhook = { url, pid: child.pid ?? 0, child, exited, call: (path: string) => call(url, path) };
  await eventually("it answers", async () => {
    if (child.exitCode !== null) throw new Error(`It exited with code ${child.exitCode}`);
    const health = await offhook.call("/_offhook/health").catch(() => undefined);
    return health?.status === 200;
  });
  return offhook;
}

/** Waits until the condition is true. @throws after 20 s, with the condition's name. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Timed out while waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Changes a limit of a running process, in the words of `prlimit`: `--nofile=60`. Only the process's own user may. */
export async function setLimit(pid: number, limit: string, user: readonly string[] = []): Promise<void> {
  await promisify(execFile)("env", [...user, "prlimit", "--pid", String(pid), limit]);
}

/** A file for the server's output, opened like a shell's `>>`. */
export async function openLog(t: TestContext): Promise<{ descriptor: number; lines(): LogLine[] }> {
  const folder = await mkdtemp(join(tmpdir(), "offhook-log-"));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
  const file = join(folder, "log");
  const descriptor = openSync(file, "a");
  t.after(() => closeSync(descriptor));
  return { descriptor, lines: () => parseLog(readFileSync(file, "utf8")) };
}

/** Whole lines only: the last one may be half written. */
export function parseLog(text: string): LogLine[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as LogLine);
}
