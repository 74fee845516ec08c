import { readdirSync, readFileSync } from "node:fs";

/** Whether a process still runs. One that has ended but was not waited for yet does not. */
export function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Whether a process runs no more, or is stopped until somebody says otherwise. */
export function isHalted(pid: number): boolean {
  try {
    return /\) [TZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return true;
  }
}

/** The processes that one has started, by what their command line says. */
export function childrenOf(pid: number, command: RegExp): number[] {
  const children = readdirSync("/proc").filter((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      if (stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] !== String(pid)) return false;
      return command.test(readFileSync(`/proc/${name}/cmdline`, "utf8"));
    } catch {
      // No process, or gone by now.
      return false;
    }
  });
  return children.map(Number);
}

export const isolateCommand = /worker\/boot/;
export const reaperCommand = /groups=/;
