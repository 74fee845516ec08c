/** What the server has written, read when all is over. */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Judge } from "./judge.ts";

/**
 * Every line is a JSON object: anything else was written by Node, such as a warning of too many listeners.
 * @returns how often each code stands there.
 */
export async function readLog(file: string, judge: Judge): Promise<Record<string, number>> {
  const codes: Record<string, number> = {};
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const entry = parse(line);
    if (entry === undefined) judge.fail("the log has something that is not the server's", line.slice(0, 400));
    if (typeof entry?.code !== "string") continue;
    codes[entry.code] = (codes[entry.code] ?? 0) + 1;
    if (entry.code === "internal-error") judge.fail("the log tells of a bug", line.slice(0, 1000));
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
