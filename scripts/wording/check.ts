/**
 * Finds avoided words, mistakes of grammar, and table cells that are too long.
 */
import { exceptions } from "./exceptions.ts";
import { Grammar } from "./grammar.ts";
import type { Passage } from "./passages.ts";
import { longCells } from "./table-cells.ts";
import { avoidedWords } from "./words.ts";

export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly problem: string;
  /** The fix. */
  readonly advice: string;
}

/** @param withGrammar false leaves Harper out, which takes most of the time. */
export async function checkWording(passages: readonly Passage[], withGrammar: boolean): Promise<Finding[]> {
  const findings = passages.flatMap((passage) => [...findWords(passage), ...longCells(passage)]);
  if (withGrammar) findings.push(...(await findGrammar(passages)));
  return findings.toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
}

export function findWords(passage: Passage): Finding[] {
  const text = passage.text.replace(/(`+)[^`]*?\1/g, (code) => code.replace(/[^\n`]/g, "x"));
  return avoidedWords.flatMap(({ pattern, instead, kinds }) => {
    if (kinds?.includes(passage.kind) === false) return [];
    const matches = [...text.matchAll(new RegExp(pattern, `${pattern.flags}g`))];
    return matches
      .filter(({ index }) => !isExcepted(passage, index))
      .map((match) => ({
        file: passage.file,
        line: lineOf(passage, match.index + match[0].search(/\S/)),
        problem: match[0].trim().replace(/\s+/g, " "),
        advice: instead,
      }));
  });
}

async function findGrammar(passages: readonly Passage[]): Promise<Finding[]> {
  const grammar = await Grammar.load();
  const findings: Finding[] = [];
  for (const ofFile of Map.groupBy(passages, ({ file }) => file).values()) {
    for (const [passage, found] of await grammar.check(ofFile)) {
      for (const { rule, offset, problem, message } of found) {
        if (isExcepted(passage, offset)) continue;
        findings.push({
          file: passage.file,
          line: lineOf(passage, offset),
          problem: problem.trim().replace(/\s+/g, " ").slice(0, 80),
          advice: `${message} (${rule})`,
        });
      }
    }
  }
  return findings;
}

/** Whether an exception covers this place. */
function isExcepted({ file, text }: Passage, offset: number): boolean {
  return exceptions.some(
    (exception) =>
      (exception.file === undefined || file.endsWith(exception.file)) &&
      [...text.matchAll(exception.text)].some(({ index, 0: { length } }) => index <= offset && offset < index + length),
  );
}

function lineOf({ line, text }: Passage, offset: number): number {
  return line + (text.slice(0, offset).match(/\n/g)?.length ?? 0);
}
