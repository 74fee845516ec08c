/** A process and all its descendants, seen from outside. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** User and system time so far, in clock ticks. 0 if unknown. */
  readonly ticks: number;
}

/** The process first. */
export function treeOf(root: number): number[] {
  return entryOf(root).map(({ pid }) => pid);
}

/** Kills every process of the tree, including leaders of other process groups. */
export function killTree(root: number): void {
  // Lists them first: orphans get another parent, and could not be found afterwards.
  const pids = treeOf(root);
  for (const target of [-root, ...pids]) {
    try {
      process.kill(target, "SIGKILL");
    } catch (error) {
      // It may have exited meanwhile.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/**
 * Waits until the tree has used no processor time for `quietMs`, which means that its start is over. Only Linux shows
 * that time. On other systems, this waits ten times as long.
 */
export async function waitForCalm(root: number, quietMs = 120, deadlineMs = 6000): Promise<void> {
  if (process.platform !== "linux") return delay(quietMs * 10);
  const deadline = performance.now() + deadlineMs;
  let last = "";
  let quietSince = performance.now();
  while (performance.now() < deadline) {
    const state = entryOf(root)
      .map(({ pid, ticks }) => `${pid}:${ticks}`)
      .join();
    if (state !== last) {
      last = state;
      quietSince = performance.now();
    } else if (performance.now() - quietSince >= quietMs) return;
    await delay(20);
  }
}

function entryOf(root: number): ProcessEntry[] {
  const all = process.platform === "linux" ? fromProc() : fromPs();
  const found = all.filter(({ pid }) => pid === root);
  // The list grows during the loop: first the children, then their children.
  for (const { pid } of found) found.push(...all.filter(({ parent }) => parent === pid));
  return found;
}

function fromProc(): ProcessEntry[] {
  const kin: ProcessEntry[] = [];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "latin1");
      // The name is in parentheses and may have spaces. State, parent, …, user and system time follow.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      kin.push({ pid: Number(entry), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) });
    } catch {
      // It has exited meanwhile.
    }
  }
  return kin;
}

function fromPs(): ProcessEntry[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  return lines.map((line) => {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    return { pid: pid ?? 0, parent: parent ?? 0, ticks: 0 };
  });
}
