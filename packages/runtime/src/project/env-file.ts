/**
 * The service's variables (contract §3). They come only from the file, never from the host's environment. Otherwise, a
 * function would see different values on each machine, and secrets that belong to others.
 */
import { OffhookError } from "../offhook-error.ts";
import { parseEnvText, type EnvSyntax } from "./env-syntax.ts";
import { readTextFile } from "../json-file.ts";

export type { EnvRemark, EnvSyntax } from "./env-syntax.ts";

/**
 * Reads the file of variables. A running server reads it again when it changes (contract row 116).
 * @throws OffhookError `file-unreadable`, also if the file does not exist.
 */
export async function loadVariables(file: string): Promise<EnvSyntax> {
  const text = await readTextFile(file);
  if (text === undefined) throw new OffhookError("file-unreadable", `${file} does not exist`);
  return parseEnvText(text);
}

/** Warnings for people, each with the file and the line. @param shown the file's name in messages. */
export function envWarnings({ remarks }: Pick<EnvSyntax, "remarks">, shown: string): string[] {
  return remarks.flatMap(({ line, kind, text }, index) => {
    if (kind !== "stray") return [`${shown}:${line}: ${text}`];
    if (isAfterStray(remarks, index)) return [];
    // A PEM key without quotes has dozens of lines like these.
    let last = index;
    while (isAfterStray(remarks, last + 1)) last++;
    const count = last - index + 1;
    if (count === 1) return [`${shown}:${line}: ${text}`];
    return [
      `${shown}:${line}: ${count} lines from here set no variable. A value of several lines needs quotes around it.`,
    ];
  });
}

/** Whether the remark is about the line after that of the previous remark, and both lines set no variable. */
function isAfterStray(remarks: EnvSyntax["remarks"], index: number): boolean {
  const [before, remark] = [remarks[index - 1], remarks[index]];
  return before?.kind === "stray" && remark?.kind === "stray" && remark.line === before.line + 1;
}
