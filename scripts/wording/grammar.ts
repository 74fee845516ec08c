/**
 * The grammar of the passages, as Harper judges it: agreement, missing and doubled words, sentences that are too long.
 */
import { Dialect, LocalLinter } from "harper.js";
import { binary } from "harper.js/binary";
import type { Passage } from "./passages.ts";

export interface GrammarFinding {
  /** Of Harper's rule. */
  readonly rule: string;
  /** In the passage, in characters. */
  readonly offset: number;
  readonly problem: string;
  readonly message: string;
}

/** Harper's rules that do not fit, each with the reason. All others are on. */
const unusedRules: Readonly<Record<string, string>> = {
  SpellCheck: "code names words that no dictionary has",
  SplitWords: "the same: charset is not char set",
  MergeWords: "the same",
  OrthographicConsistency: "the same",
  DisjointPrefixes: "both spellings are usual: under way, set up",
  CompoundNouns: "both spellings are usual: host name, hostname",
  UseTitleCase: "our headings are sentences",
  SentenceCapitalization: "a comment or a list item may start with a name in lower case",
  OxfordComma: "the pages are in British English",
  Dashes: "two hyphens begin an option",
  NumericRangeEnDash: "the pages are plain text",
  UseEllipsisCharacter: "three dots are code",
  Spaces: "tables and code that was taken out leave blanks",
  ExpandParameter: "names of the field: param, args, env, stdin, Ctrl, MB, ms",
  ExpandArgument: "the same",
  ExpandConfiguration: "the same",
  ExpandControl: "the same",
  ExpandDirectory: "the same",
  ExpandMemoryShorthands: "the same",
  ExpandStandardInputAndOutput: "the same",
  ExpandTimeShorthands: "the same",
  CallThem: "taken for a person: the function is called",
  OutOfDate: "hyphens are a matter of taste",
  Months: "may is a verb",
};

export class Grammar {
  readonly #linter: LocalLinter;

  private constructor(linter: LocalLinter) {
    this.#linter = linter;
  }

  static async load(): Promise<Grammar> {
    const linter = new LocalLinter({ binary, dialect: Dialect.British });
    const config = await linter.getLintConfig();
    await linter.setLintConfig({
      ...config,
      ...Object.fromEntries(Object.keys(unusedRules).map((rule) => [rule, false])),
    });
    return new Grammar(linter);
  }

  /** The findings in the passages of one file, by passage. Harper needs time for each text, so it gets them as one. */
  async check(passages: readonly Passage[]): Promise<Map<Passage, GrammarFinding[]>> {
    const separator = "\n\n";
    const starts: number[] = [];
    let length = 0;
    for (const { text } of passages) {
      starts.push(length);
      length += text.length + separator.length;
    }
    const text = passages.map((passage) => passage.text).join(separator);
    const found = new Map<Passage, GrammarFinding[]>();
    for (const [rule, lints] of Object.entries(await this.#linter.organizedLints(text, { language: "markdown" }))) {
      for (const lint of lints) {
        const at = offsetIn(text, lint.span().start);
        const index = starts.findLastIndex((start) => start <= at);
        const passage = passages[index];
        if (passage === undefined) continue;
        const finding = {
          rule,
          offset: at - (starts[index] ?? 0),
          problem: lint.get_problem_text(),
          message: lint.message(),
        };
        found.set(passage, [...(found.get(passage) ?? []), finding]);
      }
    }
    return found;
  }
}

/** Harper counts characters, JavaScript counts UTF-16 units. */
function offsetIn(text: string, characters: number): number {
  let offset = 0;
  for (let i = 0; i < characters; i++) offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  return offset;
}
