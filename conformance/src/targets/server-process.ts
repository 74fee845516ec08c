import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Instance } from "./target.ts";

const running = new Set<ChildProcess>();

// A client that is interrupted must not leave servers behind.
process.once("exit", () => {
  for (const child of running) signalGroup(child, "SIGKILL");
});

export interface ServerProcess {
  /** Both streams, in the order of arrival. */
  readonly output: () => string;
  readonly hasExited: () => boolean;
  /** Waits until `isReady`. False if the process exits or the deadline passes first. */
  readonly until: (isReady: () => boolean | Promise<boolean>, deadlineMs: number) => Promise<boolean>;
  /** Sends SIGTERM. After 3 s, kills the rest of its process group. */
  readonly stop: () => Promise<void>;
}

/** Starts a command as the leader of its own process group. */
export function startServer(args: readonly string[], cwd: string, environment: NodeJS.ProcessEnv): ServerProcess {
  const child = spawn(process.execPath, args, {
    cwd,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    // A time zone other than UTC, which shows whether a server passes its own on (row 115).
    env: { ...process.env, ...environment, TZ: "Asia/Tokyo", NO_COLOR: "1", CI: "1" },
  });
  running.add(child);
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => chunks.push(chunk));
  }
  child.on("error", (error) => chunks.push(String(error)));
  const hasExited = (): boolean => child.exitCode !== null || child.signalCode !== null;

  return {
    output: () => chunks.join(""),
    hasExited,
    until: async (isReady, deadlineMs) => {
      const deadline = performance.now() + deadlineMs;
      for (;;) {
        if (await isReady()) return true;
        if (hasExited()) return false;
        if (performance.now() > deadline) {
          chunks.push(`(not ready after ${deadlineMs} ms)`);
          return false;
        }
        await delay(25);
      }
    },
    stop: async () => {
      if (!hasExited()) {
        const ended = once(child, "exit");
        signalGroup(child, "SIGTERM");
        await Promise.race([ended, delay(3000, undefined, { ref: false })]);
      }
      // A server that crashed may have left children behind, which keep its output open.
      signalGroup(child, "SIGKILL");
      child.stdout.destroy();
      child.stderr.destroy();
      running.delete(child);
    },
  };
}

/** The process as the server of a folder. */
export function instanceOf(server: ServerProcess, baseUrl: string, folder: string): Instance {
  return { baseUrl, folder, logText: server.output, hasExited: server.hasExited, stop: server.stop };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // The group may have exited meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
