/**
 * Files outside the project's folder that its functions have loaded since the start of the first isolate.
 */
import { filesLoaded } from "@offhook/runtime/observe";

import type { FollowedFiles } from "../serving.ts";

/** A limit, because functions can invent file names and each watched file has a cost. */
const maxFiles = 2_000;

export class LoadedFiles implements FollowedFiles {
  readonly #files = new Set<string>();
  readonly #unsubscribe: () => void;
  #listener: ((file: string) => void) | undefined;

  constructor(folder: string) {
    this.#unsubscribe = filesLoaded.subscribe((loaded) => {
      if (loaded.folder === folder) this.add(loaded.files);
    });
  }

  add(files: readonly string[]): void {
    for (const file of files) {
      if (this.#files.has(file) || this.#files.size >= maxFiles) continue;
      this.#files.add(file);
      this.#listener?.(file);
    }
  }

  follow(listener: (file: string) => void): void {
    this.#listener = listener;
    for (const file of this.#files) listener(file);
  }

  stop(): void {
    this.#unsubscribe();
  }
}
