/** Descriptors of this process that the programs it starts would inherit. */
import type { StdioNull, StdioPipe } from "node:child_process";
import { openSync, readdirSync, readFileSync } from "node:fs";

const closeOnExec = 0o2_000_000;

/**
 * Everything beyond the standard three that is not closed when a program starts. Node and libuv open all of theirs to be
 * closed then. What remains came from the parent of this process, or from native code.
 * Only Linux says which those are. On macOS, libuv has the kernel close everything that a child is not given.
 */
export function inheritableDescriptors(): number[] {
  return numbersIn("/proc/self/fd").filter((number) => number > 2 && isInheritable(number));
}

/** Beyond this the list for a child would be longer than it is worth. */
const maxSealed = 65_536;
let nullDevice: number | undefined;

/**
 * What a child of this process is given, with nothing behind each descriptor that it would inherit. A shell or a tunnel that
 * lives on would hold a lock, or the other end of a pipe. (Isolates close theirs: see `launch.ts`.)
 */
export function sealed<Streams extends readonly (StdioNull | StdioPipe)[]>(streams: Streams): Streams {
  const inherited = inheritableDescriptors().filter((number) => number >= streams.length && number <= maxSealed);
  if (inherited.length === 0) return streams;
  nullDevice ??= openSync("/dev/null", "r+");
  const last = Math.max(...inherited);
  const all: unknown[] = Array.from({ length: last + 1 }, (_, number) => streams[number] ?? "ignore");
  for (const number of inherited) all[number] = nullDevice;
  return all as unknown as Streams;
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
