import { readdirSync, readFileSync } from "node:fs";

/** Whether a process still runs. A zombie (ended, but not yet reaped by its parent) does not. */
export function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Whether a process has ended or is stopped by a signal. */
export function isHalted(pid: number): boolean {
  try {
    return /\) [TZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return true;
  }
}

/** Children of a process whose command line matches. */
export function childrenOf(pid: number, command: RegExp): number[] {
  const children = readdirSync("/proc").filter((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      if (stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] !== String(pid)) return false;
      return command.test(readFileSync(`/proc/${name}/cmdline`, "utf8"));
    } catch {
      // Not a process, or one that has ended meanwhile.
      return false;
    }
  });
  return children.map(Number);
}

export const isolateCommand = /worker\/boot/;
export const reaperCommand = /groups=/;
