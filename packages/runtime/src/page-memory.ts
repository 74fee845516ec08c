/**
 * Memory for bytes that come and go in large pieces. What `malloc` has had once, it gives back to the system only where nothing
 * else lives in its pages. A resizable buffer has pages of its own: they go back as soon as it ends, and those that nothing
 * was written to take no memory.
 */
import { Buffer } from "node:buffer";

const pageBytes = 4_096;

export function pagesFor(bytes: number): Buffer {
  const maxByteLength = Math.ceil(bytes / pageBytes) * pageBytes;
  return Buffer.from(new ArrayBuffer(bytes, { maxByteLength }), 0, bytes);
}

/**
 * Gives the memory back now, and not with the next garbage collection. Only where nobody looks at it any more.
 * Memory of other kinds is left alone.
 */
export function freePages({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.resizable) buffer.resize(0);
}
