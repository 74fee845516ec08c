/**
 * What the operating system says of an isolate's process. Only Linux tells cheaply; elsewhere `ps` would
 * cost more than it is worth, and the heap limit alone holds.
 */
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

/** The process group of a process; undefined where it is gone or cannot be told. */
export function groupOf(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
}

/** The user that a process runs as; undefined where it is gone or cannot be told. */
export function userOf(pid: number): number | undefined {
  const uid = /^Uid:\s*(\d+)/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return uid === undefined ? undefined : Number(uid);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
