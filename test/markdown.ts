/**
 * The Markdown files of the repository, for tests.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./offhook-process.ts";

export interface Page {
  /** From the repository's root: `docs/reference/event.md`. */
  readonly path: string;
  readonly text: string;
}

export interface CodeBlock {
  /** The place of the opening fence: `docs/reference/event.md:12`. */
  readonly place: string;
  /** The first word after the fence. */
  readonly language: string;
  /**
   * The name of the block's file: the second word after the fence, or a comment in the first line. For a `console`
   * block, its folder.
   */
  readonly file: string | undefined;
  readonly lines: readonly string[];
}

export function pages(...patterns: readonly string[]): Page[] {
  const paths = globSync(patterns, { cwd: repository, exclude: ["**/node_modules/**"] }).toSorted();
  return paths.map((path) => ({ path, text: readFileSync(join(repository, path), "utf8") }));
}

export function codeBlocks({ path, text }: Page): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { place: string; language: string; file: string | undefined; lines: string[] } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const fence = /^\s*```\s*(\S*) *(\S*)/.exec(line);
    if (fence === null) {
      open?.lines.push(line);
    } else if (open === undefined) {
      open = { place: `${path}:${index + 1}`, language: fence[1] ?? "", file: fence[2] || undefined, lines: [] };
    } else {
      open.file ??= /^(?:\/\/|#) ([\w./-]+)$/.exec(open.lines[0] ?? "")?.[1];
      blocks.push(open);
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`${open.place} is never closed`);
  return blocks;
}

/** The page without its code blocks. */
export function proseOf({ text }: Page): string {
  return text.replace(/^\s*```[\s\S]*?^\s*```/gm, "");
}
