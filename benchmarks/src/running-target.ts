/** A server that was started to be measured. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../../conformance/src/targets/free-port.ts";
import { ask } from "./client.ts";
import { killTree } from "./process-tree.ts";
import type { RunFolder } from "./run-folder.ts";
import type { Target } from "./targets/target.ts";

export interface RunningTarget {
  readonly target: Target;
  readonly port: number;
  readonly pid: number;
  /** `performance.now()` just before it was started. */
  readonly startedAtMs: number;
  readonly hasExited: () => boolean;
  /** The last lines that it wrote. */
  readonly logTail: () => string;
  /** Ends the server and all its descendants. */
  readonly stop: () => Promise<void>;
}

export interface StartOptions {
  readonly folder: RunFolder;
  /** Default: the whole project. */
  readonly project?: string;
  readonly flags?: readonly string[];
  /** Default: the run's. */
  readonly cache?: string;
}

/** A path that no project has. Offhook's health check is there, which runs no function. */
export const readyPath = "/_offhook/health";

const running = new Set<ChildProcess>();
// Leaves no server behind, however the run ends.
process.on("exit", () => {
  for (const { pid } of running) if (pid !== undefined) killTree(pid);
});

/** Starts a server, and does not wait for it. */
export async function launch(target: Target, options: StartOptions): Promise<RunningTarget> {
  const { folder, project = folder.project, flags = [], cache = folder.cache } = options;
  const port = await freePort();
  const { program, args, environment } = target.command({ port, project, scratch: folder.path, flags });
  const logFile = join(folder.path, `${target.name}-${port}.log`);
  const log = openSync(logFile, "a");
  const startedAtMs = performance.now();
  const child = spawn(program, args, {
    cwd: project,
    // In its own process group, which can be ended as a whole. Ctrl+C reaches only us.
    detached: true,
    stdio: ["ignore", log, log],
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], XDG_CACHE_HOME: cache, ...environment },
  });
  closeSync(log);
  running.add(child);
  child.on("error", () => running.delete(child));
  const hasExited = (): boolean => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  return {
    target,
    port,
    pid: child.pid ?? 0,
    startedAtMs,
    hasExited,
    logTail: () => readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-12).join("\n"),
    stop: async () => {
      running.delete(child);
      if (child.pid === undefined) return;
      if (hasExited()) return killTree(child.pid);
      const ended = once(child, "exit");
      killTree(child.pid);
      await ended;
    },
  };
}

/** Starts a server, and waits until it answers anything. @throws with the end of its log. */
export async function start(target: Target, options: StartOptions): Promise<RunningTarget> {
  const server = await launch(target, options);
  await untilReply(server, readyPath, () => true);
  return server;
}

/**
 * Asks again and again, so close together that the answer's time says when it could be given.
 * @returns milliseconds since the start. @throws with the end of the log when it ends or 30 s have passed.
 */
export async function untilReply(
  server: RunningTarget,
  path: string,
  isIt: (status: number) => boolean,
): Promise<number> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const reply = await ask(server.port, { method: "GET", path, headers: {}, body: "" }).catch(() => undefined);
    if (reply !== undefined && isIt(reply.status)) return performance.now() - server.startedAtMs;
    if (server.hasExited() || performance.now() > deadline) {
      const what = server.hasExited() ? "ended" : `gave ${reply?.status ?? "no reply"} for 30 s`;
      await server.stop();
      throw new Error(`${server.target.title} ${what}\n${server.logTail()}`);
    }
    await delay(3);
  }
}
