/** The service's `.env`, which changes now and then, and the oldest values that a function may see. */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A change must reach new invocations within this time. Usually it takes a tenth of a second. */
const reloadMs = 10_000;

export class Variables {
  readonly authToken = "soak-0123456789abcdef";
  readonly #file: string;
  readonly #onceFile: string;
  /** When each generation was written. The index is the generation. */
  readonly #writtenAt: number[] = [];

  constructor(project: string, onceFile: string) {
    this.#file = join(project, ".env");
    this.#onceFile = onceFile;
  }

  get changes(): number {
    return this.#writtenAt.length - 1;
  }

  /** Writes the file in place, as some editors do, or replaces it with a new file, as others do. */
  write(isReplaced: boolean): void {
    const generation = this.#writtenAt.length;
    const text = `AUTH_TOKEN=${this.authToken}\nONCE_FILE=${this.#onceFile}\nGENERATION=${generation}\n`;
    const file = isReplaced ? `${this.#file}.new` : this.#file;
    writeFileSync(file, text);
    if (isReplaced) renameSync(file, this.#file);
    this.#writtenAt.push(performance.now());
  }

  /** The oldest generation that a request sent now may see. */
  readonly minGeneration = (): number => {
    const then = performance.now() - reloadMs;
    let generation = this.#writtenAt.length - 1;
    while (generation > 0 && (this.#writtenAt[generation] as number) > then) generation -= 1;
    return generation;
  };
}
