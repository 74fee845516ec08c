/**
 * The JSON files of a project: small objects that people edit by hand. All of them can be JSON5, because Twilio's tool
 * reads `.twilioserverlessrc` as JSON5, and people expect the same of its neighbours.
 */
import { readFile } from "node:fs/promises";

import { OffhookError } from "./offhook-error.ts";

/**
 * Returns the object in `file`, or undefined if the file does not exist.
 * @throws OffhookError `file-unreadable`, `file-malformed` with file, line and column.
 */
export async function readJsonFile(file: string): Promise<Record<string, unknown> | undefined> {
  const text = await readTextFile(file);
  if (text === undefined) return undefined;
  const value = await parse(text, file);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new OffhookError("file-malformed", `${file} must contain an object: { … }`);
  }
  return value as Record<string, unknown>;
}

/**
 * Returns the text of `file` without a byte order mark, or undefined if the file does not exist.
 * @throws OffhookError `file-unreadable`.
 */
export async function readTextFile(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, "utf8")).replace(/^\uFEFF/, "");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new OffhookError("file-unreadable", `${file} (${code})`, { cause: error });
  }
}

async function parse(text: string, file: string): Promise<unknown> {
  try {
    return JSON.parse(text);
  } catch {
    // Plain JSON is the usual case and starts without the package.
    // `jsonc-parser`, which the command edits `package.json` with, cannot read JSON5.
    const { default: json5 } = await import("json5");
    try {
      return json5.parse(text);
    } catch (error) {
      // Its messages end in the position: "JSON5: invalid character 'x' at 3:5".
      const reason = (error as Error).message.replace(/^JSON5: /, "");
      throw new OffhookError("file-malformed", `${file}: ${reason}`, { cause: error });
    }
  }
}
