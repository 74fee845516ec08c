/** The server's output, read after the run. */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Judge } from "./judge.ts";

/**
 * Every line must be a JSON object. Node writes other lines, such as warnings about too many listeners.
 * @returns how often each code is in the log.
 */
export async function readLog(file: string, judge: Judge): Promise<Record<string, number>> {
  const codes: Record<string, number> = {};
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const entry = parse(line);
    if (entry === undefined) judge.fail("the log has a line that is not a JSON object", line.slice(0, 400));
    if (typeof entry?.code !== "string") continue;
    codes[entry.code] = (codes[entry.code] ?? 0) + 1;
    if (entry.code === "internal-error") judge.fail("the log has an internal-error", line.slice(0, 1000));
  }
  return codes;
}

function parse(line: string): { readonly code?: unknown } | undefined {
  try {
    return JSON.parse(line) as { readonly code?: unknown };
  } catch {
    return undefined;
  }
}
