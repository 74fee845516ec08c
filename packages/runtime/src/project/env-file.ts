/**
 * The service's variables (contract §3): what the file says and nothing else. The host's environment is
 * never mixed in, or a function would see other values on every machine and secrets that are not its own.
 */
import { parseEnv } from "node:util";

import { OffhookError } from "../offhook-error.ts";
import { readTextFile } from "./json-file.ts";

/**
 * The beginning of a variable, with its value where that is quoted: what looks like a variable in there is none.
 * `parseEnv` makes mistakes with blanks: after `KEY= ` it takes the next line for the value, and of `export KEY=`
 * and of `export` with a tab behind it keeps the `export`.
 */
const assignment = /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*('[^']*'|"[^"]*"|`[^`]*`)?/gm;

/**
 * The variables in the text of a `.env` file. Quotes of all three kinds, values over several lines, comments
 * and `export` are understood; `\n` becomes a line break within double quotes only; nothing is expanded.
 * A key without a value is the empty string.
 */
export function parseVariables(text: string): Record<string, string> {
  const tidy = text
    .replace(/^\uFEFF/, "")
    .replace(/\r\n?/g, "\n")
    .replace(assignment, (_, key: string, quoted = "") => `${key}=${quoted}`);
  return parseEnv(tidy) as Record<string, string>;
}

/**
 * Reads the variables again, as a running server does when the file changes (contract row 116).
 * @throws OffhookError `file-unreadable`, also when there is no such file.
 */
export async function loadVariables(file: string): Promise<Record<string, string>> {
  const text = await readTextFile(file);
  if (text === undefined) throw new OffhookError("file-unreadable", `${file} does not exist`);
  return parseVariables(text);
}
