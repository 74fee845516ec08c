/**
 * Names in code that this project does not use: limits that do not begin with `max` or `min`.
 */
import { parseSync, Visitor } from "oxc-parser";
import { lineCounter, readSources } from "./passages.ts";
import type { Finding } from "./check.ts";

interface AvoidedName {
  readonly pattern: RegExp;
  readonly instead: string;
}

const avoidedNames: readonly AvoidedName[] = [
  { pattern: /^\w*[a-z]AtMost$/, instead: "a limit is called maxX" },
  { pattern: /^\w*[a-z]AtLeast$/, instead: "a limit is called minX" },
  { pattern: /^(?:most|largest|highest|deepest)[A-Z]\w*$/, instead: "a limit is called maxX" },
  { pattern: /^(?:least|fewest|smallest|lowest)[A-Z]\w*$/, instead: "a limit is called minX" },
];

/** Looks at the identifiers of every source file. */
export function checkNames(repository: string): Finding[] {
  return readSources(repository).flatMap(({ file, text }) => findNames(file, text));
}

export function findNames(file: string, source: string): Finding[] {
  const lineAt = lineCounter(source);
  const findings = new Map<string, Finding>();
  const check = ({ name, start }: { readonly name: string; readonly start: number }): void => {
    const avoided = avoidedNames.find(({ pattern }) => pattern.test(name));
    if (avoided === undefined || findings.has(name)) return;
    findings.set(name, { file, line: lineAt(start), problem: name, advice: avoided.instead });
  };
  new Visitor({ Identifier: check, PrivateIdentifier: check }).visit(parseSync(file, source).program);
  return [...findings.values()];
}
