/**
 * Starts and stops the real command, for the repository's own tests.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const ownCommand = fileURLToPath(new URL("../packages/cli/bin/offhook.js", import.meta.url));

export type LogLine = Readonly<Record<string, unknown>>;

export interface OffhookProcess {
  /** Without a trailing slash. */
  readonly url: string;
  /** A link that opens the dashboard once, for `dev`. */
  readonly dashboard: string | undefined;
  readonly pid: number;
  /** The lines of standard output so far, beginning with the `started` line. */
  readonly log: readonly LogLine[];
  /** Waits for a line, or returns an existing one. */
  logged(matches: (line: LogLine) => boolean): Promise<LogLine>;
  /** Sends a signal, and resolves with the exit code. */
  stop(): Promise<number | null>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface OffhookOptions {
  readonly flags?: readonly string[];
  readonly deadlineMs?: number;
  /** The launcher to run. By default, the checkout's. */
  readonly command?: string;
  readonly verb?: "start" | "dev";
}

/**
 * Runs `offhook start <folder>`, or `dev`, on a free port and waits until it takes requests.
 * @param folder absolute, or relative to the repository.
 * @throws with all of its output, if it does not start in time.
 */
export async function startOffhook(folder: string, options: OffhookOptions = {}): Promise<OffhookProcess> {
  const { flags = [], deadlineMs = 30_000, command = ownCommand, verb = "start" } = options;
  const child = spawn(process.execPath, [command, verb, folder, "--port", "0", ...flags], {
    cwd: repository,
    // Without the host's settings, so that a developer's shell does not affect tests.
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], OFFHOOK_LOG: "json" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const killChild = (): void => void child.kill("SIGKILL");
  process.on("exit", killChild);
  const exited = once(child, "close").then(([code]) => {
    process.off("exit", killChild);
    return code as number | null;
  });

  const log: LogLine[] = [];
  const waiting = new Set<() => void>();
  let printed = "";
  let rest = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (printed += text));
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    log.push(...lines.map((line) => JSON.parse(line) as LogLine));
    for (const check of waiting) check();
  });

  function logged(matches: (line: LogLine) => boolean): Promise<LogLine> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        waiting.delete(check);
        settle();
      };
      const fail = (why: string): void => end(() => reject(new Error(`${why}. It printed:\n${printed}`)));
      const timer = setTimeout(() => fail(`No matching line within ${deadlineMs} ms`), deadlineMs);
      const check = (): void => {
        const found = log.find(matches);
        if (found !== undefined) end(() => resolve(found));
      };
      waiting.add(check);
      void exited.then((code) => fail(`It exited with code ${code}`));
      check();
    });
  }

  async function stop(): Promise<number | null> {
    child.kill("SIGTERM");
    const timer = setTimeout(killChild, 15_000);
    return await exited.finally(() => clearTimeout(timer));
  }

  try {
    const started = await logged((line) => line["event"] === "started");
    const dispose = async (): Promise<void> => void (await stop());
    const { url, dashboard } = started as { readonly url: string; readonly dashboard?: string };
    return { url, dashboard, pid: child.pid ?? 0, log, logged, stop, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    killChild();
    throw error;
  }
}
