/**
 * A program at a real terminal, with its keys and output. `script` (from bsdutils) makes the terminal.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { childrenOf } from "../packages/runtime/test/running.ts";

export interface PseudoTerminal {
  /** All output so far. */
  readonly text: string;
  type(keys: string): void;
  /**
   * Waits until the output after `from` matches. @returns the end of the match. @throws after 15 s, with the output.
   */
  shows(pattern: RegExp, from?: number): Promise<number>;
  /** The program's exit code. @throws after 15 s. */
  end(): Promise<number | null>;
}

/** @param command for a shell. */
export function openTerminal(
  t: TestContext,
  command: string,
  environment: Readonly<Record<string, string>> = {},
): PseudoTerminal {
  const child = spawn("script", ["--quiet", "--flush", "--return", "--command", command, "/dev/null"], {
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], TERM: "xterm", SHELL: "/bin/sh", ...environment },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "close").then(([code]) => code as number | null);
  t.after(async () => {
    // The loss of the terminal ends neither background jobs nor stopped ones.
    for (const pid of child.exitCode === null ? descendantsOf(child.pid ?? 0) : []) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has exited together with another one.
      }
    }
    child.kill("SIGKILL");
    await ended;
  });
  let text = "";
  let onText: (() => void) | undefined;
  child.stdin.on("error", () => undefined);
  child.stdout.setEncoding("utf8").on("data", (more: string) => {
    text += more;
    onText?.();
  });
  return {
    get text() {
      return text;
    },
    type: (keys) => void child.stdin.write(keys),
    async end() {
      const { promise, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => reject(new Error(`It did not exit:\n${text}`)), 15_000);
      return await Promise.race([ended, promise]).finally(() => clearTimeout(timer));
    },
    async shows(pattern, from = 0) {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      const timer = setTimeout(() => reject(new Error(`Nothing like ${pattern} in:\n${text.slice(from)}`)), 15_000);
      onText = () => {
        const match = pattern.exec(text.slice(from));
        if (match !== null) resolve(from + match.index + match[0].length);
      };
      onText();
      return await promise.finally(() => clearTimeout(timer));
    },
  };
}

function descendantsOf(pid: number): number[] {
  return childrenOf(pid, /^/).flatMap((child) => [child, ...descendantsOf(child)]);
}
