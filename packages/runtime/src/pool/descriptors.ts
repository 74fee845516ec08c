/** Descriptors of this process that its child processes would inherit. */
import type { StdioNull, StdioPipe } from "node:child_process";
import { openSync, readdirSync, readFileSync } from "node:fs";

const closeOnExec = 0o2_000_000;

/**
 * All descriptors beyond the standard three that a child process would inherit. Node and libuv open theirs with
 * close-on-exec. The others come from the parent of this process, or from native code.
 * Only Linux lists them. On macOS, libuv has the kernel close everything that is not passed to the child.
 */
export function inheritableDescriptors(): number[] {
  return numbersIn("/proc/self/fd").filter((number) => number > 2 && isInheritable(number));
}

/** Descriptors above this number are not sealed, because the child's list would be too long. */
const maxSealed = 65_536;
let nullDevice: number | undefined;

/**
 * Returns the streams for a child process, with `/dev/null` behind each descriptor that it would inherit. Without that,
 * a shell or a tunnel that outlives this process would hold a lock, or the other end of a pipe. (Isolates close theirs:
 * see `launch.ts`.)
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
    // It is closed by now, such as the descriptor of the folder that was read.
    return false;
  }
}
