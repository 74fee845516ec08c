/**
 * Standard output, for a command that must not end because it cannot write.
 */
import { fstatSync, write } from "node:fs";
import { Writable } from "node:stream";
import { isatty } from "node:tty";

/** How long after a failure to write the next attempt comes. */
const retryMs = 500;

/**
 * A file, written without holding up the process. Node's own stream for files is over with the first error, and a disk that is full
 * may have room again: what is not written is tried again until it is.
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
