/**
 * Starts a process, and reports every failure the same way. `spawn` reports some failures by an event and throws others
 * (no memory, for example). Without free descriptors, its child has no list of streams.
 */
import { ChildProcess, spawn, type SpawnOptions } from "node:child_process";

/** Never throws. A failure is emitted as `error`, and then there is no `pid` and no stream in `stdio`. */
export function spawnChild(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  try {
    return withStreams(spawn(program, args, options));
  } catch (error) {
    return failedChild(error);
  }
}

/** A child for a start that failed before it was tried. */
export function failedChild(error: unknown): ChildProcess {
  const child = withStreams(new ChildProcess());
  process.nextTick(() => child.emit("error", error));
  return child;
}

function withStreams(child: ChildProcess): ChildProcess {
  return (child.stdio as unknown) === undefined ? Object.assign(child, { stdio: [] }) : child;
}
