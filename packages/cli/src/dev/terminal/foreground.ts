/**
 * Whether this process may use its terminal. One in the background (`offhook dev &`, or `bg` after Ctrl+Z) would be stopped
 * for trying.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

export function isForeground(): boolean {
  try {
    const { group, foreground } = process.platform === "linux" ? fromProc() : fromPs();
    return group === foreground;
  } catch {
    return true;
  }
}

interface Groups {
  readonly group: number;
  /** Of its terminal. */
  readonly foreground: number;
}

function fromProc(): Groups {
  const stat = readFileSync("/proc/self/stat", "utf8");
  // The name before them may hold anything, parentheses too.
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { group: Number(group), foreground: Number(foreground) };
}

function fromPs(): Groups {
  const text = execFileSync("ps", ["-o", "pgid=,tpgid=", "-p", String(process.pid)], { encoding: "utf8" });
  const [group, foreground] = text.trim().split(/\s+/);
  return { group: Number(group), foreground: Number(foreground) };
}
