/** Descriptors of this process that the programs it starts would inherit, whoever opened them. */
import { readdirSync, readFileSync } from "node:fs";

const closeOnExec = 0o2_000_000;

/**
 * Everything beyond the standard three that is not closed when a program starts. Node and libuv open all of theirs to be
 * closed then. What remains came from whoever started this process, or from native code.
 * Only Linux says which those are. On macOS, libuv has the kernel close everything that a child is not given.
 */
export function inheritableDescriptors(): number[] {
  return numbersIn("/proc/self/fd").filter((number) => number > 2 && isInheritable(number));
}

function numbersIn(folder: string): number[] {
  try {
    return readdirSync(folder).map(Number);
  } catch {
    return [];
  }
}

function isInheritable(number: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${number}`, "utf8"))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & closeOnExec) === 0;
  } catch {
    // Closed by now: the folder that was read, for one.
    return false;
  }
}
