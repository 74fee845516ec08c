/** The files behind standard input, output and error. */

// User code may replace it. An import of `node:fs` would load all of it.
const { fstatSync } = process.getBuiltinModule("node:fs");
const { is } = Object;

interface File {
  readonly dev: number;
  readonly ino: number;
}

export class StandardDescriptors {
  readonly #files: readonly (File | undefined)[] = [fileAt(0), fileAt(1), fileAt(2)];

  /** The number of a descriptor that was closed or replaced. */
  changed(): number | undefined {
    for (let i = 0; i < 3; i++) {
      const before = this.#files[i];
      const now = fileAt(i);
      if (!is(before?.ino, now?.ino) || !is(before?.dev, now?.dev)) return i;
    }
    return undefined;
  }
}

/** Undefined if the descriptor is closed. */
function fileAt(descriptor: number): File | undefined {
  try {
    return fstatSync(descriptor);
  } catch {
    return undefined;
  }
}
