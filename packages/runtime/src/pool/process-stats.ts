/**
 * Facts about an isolate's process from the operating system. Only on Linux are they cheap. Elsewhere `ps` would cost
 * too much, so only the heap limit applies.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const pageBytes = 4096;
const tickMs = 10;

/** Resident memory in bytes. Undefined if unknown. */
export function residentBytes(pid: number): number | undefined {
  const pages = read(`/proc/${pid}/statm`)?.split(" ")[1];
  return pages === undefined ? undefined : Number(pages) * pageBytes;
}

/** CPU time used so far, in milliseconds (steps of 10). Undefined if unknown. */
export function cpuMs(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the name in parentheses and may contain any character, so count from its end.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

export interface MainThread {
  /** CPU time used so far, in milliseconds (steps of 10), without that of the compiler and the garbage collector. */
  readonly cpuMs: number;
  /** Whether it runs or waits for a processor. False if it waits for something else. */
  readonly isRunnable: boolean;
}

/** The thread that runs JavaScript. Undefined if unknown. */
export function mainThreadOf(pid: number): MainThread | undefined {
  const stat = read(`/proc/${pid}/task/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs, isRunnable: fields[0] === "R" };
}

/** The identity of a process, its parent and its group. */
export interface ProcessFacts {
  readonly parent: number;
  readonly group: number;
  /**
   * When it started, in the system's format. The system reuses numbers, but never a number with the same start time.
   */
  readonly startedAt: string;
}

/** Undefined if the process is gone. A process that has ended but was not waited for is still there. */
export function factsOf(pid: number): ProcessFacts | undefined {
  if (process.platform !== "linux") return factsFromPs(pid);
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { parent: Number(fields[1]), group: Number(fields[2]), startedAt: fields[19] ?? "" };
}

/** Blocks this process for some milliseconds. */
function factsFromPs(pid: number): ProcessFacts | undefined {
  const env = { PATH: "/bin:/usr/bin", LC_ALL: "C" };
  const { stdout } = spawnSync("ps", ["-o", "ppid=,pgid=,lstart=", "-p", String(pid)], { encoding: "utf8", env });
  const [parent, group, ...start] = (stdout ?? "").trim().split(/\s+/);
  return start.length === 0 ? undefined : { parent: Number(parent), group: Number(group), startedAt: start.join(" ") };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
