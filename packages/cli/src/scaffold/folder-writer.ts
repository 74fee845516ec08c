/**
 * Writes missing files into a folder, and remembers what it did.
 */
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { OffhookError } from "@offhook/runtime/offhook-error";

export interface Change {
  readonly path: string;
  /** The added lines, or keys. */
  readonly added: readonly string[];
}

export class FolderWriter {
  readonly folder: string;
  readonly written: string[] = [];
  readonly changed: Change[] = [];
  readonly kept: string[] = [];

  constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * @returns false if the file already exists. It stays as it is.
   * @throws OffhookError `file-unwritable`.
   */
  async add(path: string, text: string, mode?: number): Promise<boolean> {
    const file = join(this.folder, path);
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text, { flag: "wx", ...(mode !== undefined && { mode }) });
      this.written.push(path);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The user's own file, or a link, wherever it points. A file in place of a folder is an error.
      if (code === "EEXIST" && (await isThere(dirname(file)))) {
        this.kept.push(path);
        return false;
      }
      throw unwritable(file, error);
    }
  }

  /** Overwrites an existing file. */
  async change(path: string, text: string, added: readonly string[]): Promise<void> {
    const file = join(this.folder, path);
    try {
      await writeFile(file, text);
    } catch (error) {
      throw unwritable(file, error);
    }
    this.changed.push({ path, added });
  }

  /**
   * Appends missing lines to a file, with the file's line ends.
   * @param added the names that the result shows for these lines.
   */
  async append(path: string, before: string, lines: readonly string[], added: readonly string[]): Promise<void> {
    const eol = before.includes("\r\n") ? "\r\n" : "\n";
    const start = before === "" || before.endsWith("\n") ? before : before + eol;
    await this.change(path, start + lines.map((line) => line + eol).join(""), added);
  }

  /**
   * Undefined if the file does not exist.
   * @throws OffhookError `file-unreadable`.
   */
  async read(path: string): Promise<string | undefined> {
    const file = join(this.folder, path);
    try {
      return await readFile(file, "utf8");
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return undefined;
      throw new OffhookError("file-unreadable", `${file} (${code})`, { cause: error });
    }
  }
}

async function isThere(folder: string): Promise<boolean> {
  return (await stat(folder).catch(() => undefined))?.isDirectory() === true;
}

function unwritable(file: string, error: unknown): OffhookError {
  const { code } = error as NodeJS.ErrnoException;
  return new OffhookError("file-unwritable", `${file} (${code})`, { cause: error });
}
