/**
 * `console` blocks: lines with `$` are commands, and the lines below each are its output. `…` stands for anything within
 * a line.
 */
import assert from "node:assert/strict";
import type { CodeBlock } from "./markdown.ts";

interface Exchange {
  readonly command: string;
  readonly printed: readonly string[];
}

export function exchangesOf({ lines }: CodeBlock): Exchange[] {
  const exchanges: { command: string; printed: string[] }[] = [];
  for (const line of lines) {
    const last = exchanges.at(-1);
    if (line.startsWith("$ ")) exchanges.push({ command: line.slice(2), printed: [] });
    else if (last === undefined) throw new Error("The block does not begin with a command");
    else if (last.command.endsWith("\\")) last.command += `\n${line}`;
    else last.printed.push(line);
  }
  return exchanges;
}

const mark = "--- end of command ---";

/** All commands for one shell, so that later ones see variables of earlier ones. `assertPrinted` takes its output. */
export function scriptOf(block: CodeBlock): string {
  return exchangesOf(block)
    .map(({ command }) => `${command}\nprintf '\\n%s\\n' '${mark}'\n`)
    .join("");
}

/**
 * For `curl -i` and `node --test`, the shown lines must be in the output, in this order. For others, they must be the
 * whole output.
 */
export function assertPrinted(block: CodeBlock, stdout: string, stderr = ""): void {
  const outputs = stdout.split(`\n${mark}\n`);
  for (const [index, { command, printed }] of exchangesOf(block).entries()) {
    const output = linesOf(outputs[index] ?? "");
    const expected = printed.filter((line) => line !== "");
    const isMatch = / -[a-z]*i|--test/.test(command) ? isWithin(expected, output) : isSame(expected, output);
    // Compares them, so that the failure shows both.
    if (!isMatch) assert.deepEqual(output, expected, `${command}\n${stderr}`);
  }
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
}

/** `… ms` stands for any duration: on a busy machine, it may be printed in seconds. */
function isLine(expected: string, line: string): boolean {
  const parts = expected
    .replaceAll("… ms", "…s")
    .split("…")
    .map((part) => part.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(line);
}

function isSame(expected: readonly string[], output: readonly string[]): boolean {
  return expected.length === output.length && expected.every((line, index) => isLine(line, output[index] ?? ""));
}

/** Whether the lines come in this order. Other lines may be between them. */
function isWithin(expected: readonly string[], output: readonly string[]): boolean {
  let at = 0;
  for (const line of output) if (at < expected.length && isLine(expected[at] ?? "", line)) at += 1;
  return at === expected.length;
}
