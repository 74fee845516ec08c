/**
 * Memory for large buffers with short lives. `malloc` returns memory to the system only if nothing else is in the same
 * pages. A resizable buffer has its own pages. They go back as soon as the buffer is freed, and pages that were never
 * written use no memory.
 */
import { Buffer } from "node:buffer";

const pageBytes = 4_096;

export function pagesFor(bytes: number): Buffer {
  const maxByteLength = Math.ceil(bytes / pageBytes) * pageBytes;
  return Buffer.from(new ArrayBuffer(bytes, { maxByteLength }), 0, bytes);
}

/**
 * Returns the memory now, and not at the next garbage collection. Call it only when no code reads the buffer any more.
 * Does nothing for other kinds of memory.
 */
export function freePages({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.resizable) buffer.resize(0);
}
