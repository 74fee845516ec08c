/**
 * Starts a process, and has one way to say that it could not. `spawn` tells of some failures by an event and throws
 * others (no memory, say), and a child for which there were no descriptors has no list of streams.
 */
import { ChildProcess, spawn, type SpawnOptions } from "node:child_process";

/** Never throws: what went wrong comes as `error`, and then there is no `pid` and no stream in `stdio`. */
export function spawnChild(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  try {
    return withStreams(spawn(program, args, options));
  } catch (error) {
    return failedChild(error);
  }
}

/** One that could not even be tried. */
export function failedChild(error: unknown): ChildProcess {
  const child = withStreams(new ChildProcess());
  process.nextTick(() => child.emit("error", error));
  return child;
}

function withStreams(child: ChildProcess): ChildProcess {
  return (child.stdio as unknown) === undefined ? Object.assign(child, { stdio: [] }) : child;
}
