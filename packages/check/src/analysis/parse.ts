/**
 * Turns a source file into facts, or into a problem with its place.
 */
import { readFileSync } from "node:fs";

import { parseSync } from "oxc-parser";
import type { OxcError, ParseResult, ParserOptions, Program } from "oxc-parser";

import { Collector } from "./collector.ts";
import { noFacts } from "./facts.ts";
import type { Source, SourceProblem } from "./facts.ts";
import { maxSourceLength } from "./parser-limits.ts";
import { Positions } from "./positions.ts";

export function parseFile(file: string): Source {
  let text: string;
  try {
    text = readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { file, facts: noFacts, problem: { kind: "unreadable", message: code ?? "unreadable", line: 1, column: 1 } };
  }
  return parseText(file, text);
}

export function parseText(file: string, text: string): Source {
  if (text.length > maxSourceLength) {
    const message = `${text.length} characters, more than ${maxSourceLength}`;
    return { file, facts: noFacts, problem: { kind: "too-large", message, line: 1, column: 1 } };
  }
  const { program, positions, problem } = parseProgram(file, text);
  if (problem !== undefined) return { file, facts: noFacts, problem };
  const facts = new Collector(positions, /\.[cm]?ts$/.test(file)).collect(program);
  return { file, facts, problem: undefined };
}

export interface ParsedProgram {
  readonly program: Program;
  readonly positions: Positions;
  /** The first error. The program is then incomplete. */
  readonly problem: SourceProblem | undefined;
}

export function parseProgram(file: string, text: string): ParsedProgram {
  const positions = new Positions(text);
  const result = parse(file, text);
  const [first] = errorsOf(result);
  return { program: result.program, positions, problem: first && problemOf(first, positions) };
}

/** As in Node: a file without module syntax is CommonJS, where `return` is allowed outside functions. */
function parse(file: string, text: string): ParseResult {
  const options: ParserOptions = { preserveParens: false, sourceType: "unambiguous" };
  const result = parseSync(file, text, options);
  if (errorsOf(result).length === 0 || result.module.hasModuleSyntax || /\.m[jt]s$/.test(file)) return result;
  const asCommonJs = parseSync(file, text, { ...options, sourceType: "commonjs" });
  return errorsOf(asCommonJs).length === 0 ? asCommonJs : result;
}

function errorsOf({ errors }: ParseResult): OxcError[] {
  return errors.filter(({ severity }) => (severity as string) === "Error");
}

function problemOf({ message, labels }: OxcError, positions: Positions): SourceProblem {
  // With two labels, the first one in the text marks the context, and the last one marks the error.
  const place = positions.at(Math.max(0, ...labels.map(({ start }) => start)));
  return { kind: "syntax", message, ...place, frame: positions.line(place.line) };
}
