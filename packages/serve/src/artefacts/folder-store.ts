/** Artefacts in a folder: `ab/<SHA-256>`, written aside first, so that a partial write is never visible. */
import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, chmod, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { ArtefactTooLarge, type ArtefactStore } from "./artefact-store.ts";

export class FolderStore implements ArtefactStore {
  readonly #folder: string;
  readonly #staging: string;

  /** @param staging a folder on the same file system, for files that are being written. */
  constructor(folder: string, staging: string) {
    this.#folder = folder;
    this.#staging = staging;
  }

  async put(content: Readable, maxBytes: number): Promise<{ readonly sha256: string; readonly bytes: number }> {
    const aside = join(this.#staging, `artefact-${randomUUID()}`);
    const hash = createHash("sha256");
    let bytes = 0;
    try {
      const file = await open(aside, "wx", 0o600);
      try {
        for await (const chunk of content as AsyncIterable<Buffer>) {
          bytes += chunk.length;
          if (bytes > maxBytes) throw new ArtefactTooLarge(`More than ${maxBytes} bytes`);
          hash.update(chunk);
          // `write` may take only a part of the chunk, for example when the disk is nearly full.
          await file.writeFile(chunk);
        }
        await file.sync();
      } finally {
        await file.close();
      }
      const sha256 = hash.digest("hex");
      await this.#publish(aside, sha256);
      return { sha256, bytes };
    } finally {
      await rm(aside, { force: true });
    }
  }

  async get(sha256: string): Promise<Readable> {
    const path = this.pathOf(sha256);
    await access(path);
    return createReadStream(path);
  }

  async has(sha256: string): Promise<boolean> {
    return await access(this.pathOf(sha256)).then(
      () => true,
      () => false,
    );
  }

  async remove(sha256: string): Promise<void> {
    await rm(this.pathOf(sha256), { force: true });
  }

  /** The absolute path of the file. Builds link to it. @throws RangeError unless the hash has 64 hex digits. */
  pathOf(sha256: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new RangeError("The name of an artefact is its hash, in 64 hex digits.");
    return join(this.#folder, sha256.slice(0, 2), sha256);
  }

  /** Once it has its name, nobody changes it. Isolates of other users read it through a link. */
  async #publish(aside: string, sha256: string): Promise<void> {
    const path = this.pathOf(sha256);
    const isNewFolder = (await mkdir(dirname(path), { recursive: true })) !== undefined;
    await chmod(aside, 0o444);
    await rename(aside, path);
    await syncFolder(dirname(path));
    if (isNewFolder) await syncFolder(this.#folder);
  }
}

/** Makes a new name in the folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
