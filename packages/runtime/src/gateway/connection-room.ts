/**
 * How many connections there may be so that enough file descriptors are left for everything else. Without a bound of our own the
 * kernel's is met, and then nothing can be opened any more: no isolate, no asset. And Node closes the connections
 * that it cannot take without a word.
 */
import { readFileSync } from "node:fs";

/** What the server itself has open, and some for the assets that are being sent. */
const ownDescriptors = 64;
/** Two pipes, two socket pairs, and what a start takes for a moment. */
const perIsolate = 6;

/** @param isolates the most there can be, `Infinity` if that is not limited. @returns `Infinity` where no limit is known. */
export function connectionRoom(isolates: number): number {
  const limit = openFilesLimit();
  return Math.floor(Math.max(limit - ownDescriptors - isolates * perIsolate, limit / 4));
}

function openFilesLimit(): number {
  try {
    return Number(/^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1] ?? Infinity);
  } catch {
    return Infinity;
  }
}
