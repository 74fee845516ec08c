/**
 * Whether this process may use its terminal. The system would stop a process in the background (`offhook dev &`, or
 * `bg` after Ctrl+Z) that tries to.
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
  /** The foreground group of its terminal. */
  readonly foreground: number;
}

function fromProc(): Groups {
  const stat = readFileSync("/proc/self/stat", "utf8");
  // The process name comes before these fields and can contain anything, including parentheses.
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { group: Number(group), foreground: Number(foreground) };
}

function fromPs(): Groups {
  const text = execFileSync("ps", ["-o", "pgid=,tpgid=", "-p", String(process.pid)], { encoding: "utf8" });
  const [group, foreground] = text.trim().split(/\s+/);
  return { group: Number(group), foreground: Number(foreground) };
}
