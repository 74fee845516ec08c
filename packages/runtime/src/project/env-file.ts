/**
 * The service's variables (contract §3): what the file says and nothing else. The host's environment is
 * never mixed in, or a function would see other values on every machine and secrets that are not its own.
 */
import { OffhookError } from "../offhook-error.ts";
import { parseEnvText, type EnvSyntax } from "./env-syntax.ts";
import { readTextFile } from "../json-file.ts";

export type { EnvRemark, EnvSyntax } from "./env-syntax.ts";

/**
 * Reads the file of variables, also again when a running server finds it changed (contract row 116).
 * @throws OffhookError `file-unreadable`, also when there is no such file.
 */
export async function loadVariables(file: string): Promise<EnvSyntax> {
  const text = await readTextFile(file);
  if (text === undefined) throw new OffhookError("file-unreadable", `${file} does not exist`);
  return parseEnvText(text);
}

/** Warnings for people, each with the file and the line. @param shown how to name the file. */
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

/** Whether the remark goes on with the line after that of the remark before, and both lines set no variable. */
function isAfterStray(remarks: EnvSyntax["remarks"], index: number): boolean {
  const [before, remark] = [remarks[index - 1], remarks[index]];
  return before?.kind === "stray" && remark?.kind === "stray" && remark.line === before.line + 1;
}
