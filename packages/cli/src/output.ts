/**
 * Standard output for a command that must keep running when a write fails.
 */
import { fstatSync, write } from "node:fs";
import { Writable } from "node:stream";
import { isatty } from "node:tty";

/** Milliseconds from a failed write to the next attempt. */
const retryMs = 500;

/**
 * A file, written without blocking the process. Node's own stream for files ends at the first error. A full disk may
 * have space again later, so a failed write is repeated until it succeeds.
 */
class FileOutput extends Writable {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    super();
    this.#descriptor = descriptor;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#write(chunk, done);
  }

  #write(chunk: Buffer, done: () => void): void {
    write(this.#descriptor, chunk, (error, written) => {
      if (error !== null) setTimeout(() => this.#write(chunk, done), retryMs).unref();
      else if (written < chunk.length) this.#write(chunk.subarray(written), done);
      else done();
    });
  }
}

/** Node's stream for pipes and terminals. */
export function openStdout(): Writable {
  const stats = fstatSync(1);
  const isFile = stats.isFile() || (stats.isCharacterDevice() && !isatty(1));
  return isFile ? new FileOutput(1) : process.stdout;
}
