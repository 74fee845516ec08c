/** The server under test, started as an operator starts it, in its own folder. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../../conformance/src/targets/free-port.ts";
import { Connection } from "./connection.ts";
import { killAllIn } from "./remnants.ts";
import { healthPath } from "./prober.ts";
import { requestText } from "./request.ts";

const project = fileURLToPath(new URL("../project", import.meta.url));
const command = fileURLToPath(new URL("../../packages/cli/bin/offhook.js", import.meta.url));
const collector = new URL("collect-garbage.ts", import.meta.url).href;

/** The program under test: Offhook, or a misbehaving program in tests of the soak. */
export type Program = (port: number, project: string) => readonly string[];

export function offhook(flags: readonly string[]): Program {
  return (port, folder) => [command, "start", folder, "--port", String(port), ...flags];
}

export interface Server {
  readonly port: number;
  readonly pid: number;
  /** The copy of the project. It is the working directory of all processes that the server starts. */
  readonly project: string;
  /** The gateway's folder for temporary files. */
  readonly temporary: string;
  readonly cache: string;
  readonly logFile: string;
  /** The file that `collect-garbage.ts` writes. */
  readonly heapFile: string;
  readonly exit: () => { readonly code: number | null; readonly signal: string | null } | undefined;
  /** Sends SIGTERM. @returns milliseconds until the exit, or undefined if it did not exit in time. */
  stop(deadlineMs: number): Promise<number | undefined>;
  /** Ends remaining processes and removes the files, or all files except the log. */
  dispose(keepsLog: boolean): void;
}

const startMs = 30_000;
const living = new Set<string>();
// Leaves no process and no file behind, however the soak ends.
process.on("exit", () => {
  for (const folder of living) {
    killAllIn(join(folder, "project"));
    rmSync(folder, { recursive: true, force: true });
  }
});

/** @throws with the end of its log if it does not start. */
export async function startServer(program: Program): Promise<Server> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "offhook-soak-")));
  const [copy, temporary, cache] = ["project", "tmp", "cache"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  cpSync(project, copy, { recursive: true });
  mkdirSync(temporary);
  // If the soak runs as root, isolates have their own user, who must read the project and write `once.txt`.
  chmodSync(folder, 0o777);
  for (const each of [copy, temporary]) chmodSync(each, 0o777);
  const logFile = join(folder, "server.log");
  const heapFile = join(folder, "heap.json");
  const port = await freePort();
  const log = openSync(logFile, "a");
  const child = spawn(process.execPath, [...program(port, copy)], {
    cwd: copy,
    detached: true,
    stdio: ["ignore", log, log],
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      TMPDIR: temporary,
      XDG_CACHE_HOME: cache,
      NODE_OPTIONS: `--import=${collector}`,
      SOAK_HEAP_FILE: heapFile,
    },
  });
  closeSync(log);
  living.add(folder);
  const exit = (): ReturnType<Server["exit"]> =>
    child.exitCode === null && child.signalCode === null
      ? undefined
      : { code: child.exitCode, signal: child.signalCode };
  const dispose = (keepsLog: boolean): void => {
    killAllIn(copy);
    living.delete(folder);
    if (!keepsLog) rmSync(folder, { recursive: true, force: true });
    else for (const each of [copy, temporary, cache]) rmSync(each, { recursive: true, force: true });
  };
  try {
    await untilHealthy(port, () => exit() !== undefined);
  } catch (error) {
    const tail = readFileSync(logFile, "utf8").slice(-2000);
    dispose(false);
    throw new Error(`the server did not start\n${tail}`, { cause: error });
  }
  return {
    port,
    pid: child.pid ?? 0,
    project: copy,
    temporary,
    cache,
    logFile,
    heapFile,
    exit,
    stop: (deadlineMs) => stop(child, exit, deadlineMs),
    dispose,
  };
}

async function stop(child: ChildProcess, exit: Server["exit"], deadlineMs: number): Promise<number | undefined> {
  if (exit() !== undefined) return 0;
  const began = performance.now();
  const ended = once(child, "exit").then(() => performance.now() - began);
  child.kill("SIGTERM");
  return Promise.race([ended, delay(deadlineMs, undefined, { ref: false })]);
}

async function untilHealthy(port: number, hasEnded: () => boolean): Promise<void> {
  const deadline = performance.now() + startMs;
  for (;;) {
    const connection = new Connection(port, startMs);
    try {
      const { status } = await connection.request(requestText(port, healthPath));
      if (status === 200) return;
    } catch (error) {
      if (hasEnded() || performance.now() > deadline) throw error;
    } finally {
      connection.close();
    }
    await delay(20);
  }
}
