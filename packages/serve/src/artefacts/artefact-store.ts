/** Stores bytes, and names them by the hash of their content: the contents of versions, and the locks of dependency sets. */
import type { Readable } from "node:stream";

export interface ArtefactStore {
  /**
   * Stores the bytes. A partial write is never visible.
   * @param maxBytes rejects with `ArtefactTooLarge` as soon as there are more. Nothing is stored then.
   * @returns the SHA-256 in hex, and the number of bytes.
   */
  put(content: Readable, maxBytes: number): Promise<{ readonly sha256: string; readonly bytes: number }>;
  /** @throws Error with the code `ENOENT` if it is missing. */
  get(sha256: string): Promise<Readable>;
  has(sha256: string): Promise<boolean>;
  /** Does nothing if it is missing. */
  remove(sha256: string): Promise<void>;
}

export class ArtefactTooLarge extends Error {
  override readonly name = "ArtefactTooLarge";
}
