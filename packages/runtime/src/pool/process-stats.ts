/**
 * What the operating system says of an isolate's process. Only Linux tells cheaply; elsewhere `ps` would
 * cost more than it is worth, and the heap limit alone holds.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const pageBytes = 4096;
const tickMs = 10;

/** Resident memory in bytes; undefined where it cannot be told. */
export function residentBytes(pid: number): number | undefined {
  const pages = read(`/proc/${pid}/statm`)?.split(" ")[1];
  return pages === undefined ? undefined : Number(pages) * pageBytes;
}

/** CPU time used so far, in milliseconds (steps of 10); undefined where it cannot be told. */
export function cpuMs(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the name in parentheses and may hold anything; count from its end.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

export interface MainThread {
  /** CPU time used so far, in milliseconds (steps of 10), without that of the compiler and the garbage collector. */
  readonly cpuMs: number;
  /** It runs, or waits for a processor. False where it waits for something else. */
  readonly isRunnable: boolean;
}

/** The thread that runs JavaScript; undefined where nothing can be told of it. */
export function mainThreadOf(pid: number): MainThread | undefined {
  const stat = read(`/proc/${pid}/task/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs, isRunnable: fields[0] === "R" };
}

/** What tells a process from all others, and whose child it is. */
export interface ProcessFacts {
  readonly parent: number;
  readonly group: number;
  /** When it started, in the system's own words. Numbers of processes are given away again; number and time are not. */
  readonly startedAt: string;
}

/** Undefined where the process is gone. One that has ended but was not waited for is still there. */
export function factsOf(pid: number): ProcessFacts | undefined {
  if (process.platform !== "linux") return factsFromPs(pid);
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { parent: Number(fields[1]), group: Number(fields[2]), startedAt: fields[19] ?? "" };
}

/** Some milliseconds, in which this process does nothing else. */
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
