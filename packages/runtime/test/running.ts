import { readFileSync } from "node:fs";

/** Whether a process still runs. One that has ended but was not waited for yet does not. */
export function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
