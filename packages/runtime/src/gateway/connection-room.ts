/**
 * The maximum number of connections that leaves enough file descriptors for everything else. Without it, the server
 * would reach the kernel's limit, and could not open anything: no isolate, no asset. Node would also close connections
 * that it cannot accept without any message.
 */
import { readFileSync } from "node:fs";

/** Descriptors that the server itself has open, and some for assets that are being sent. */
const ownDescriptors = 64;
/** Two pipes, two socket pairs, and descriptors that a start needs briefly. */
const perIsolate = 6;

/** @param isolates their maximum number, or `Infinity`. @returns `Infinity` if the system's limit is not known. */
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
