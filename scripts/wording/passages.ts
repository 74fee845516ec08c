/**
 * The prose of the repository: what people read in its pages, comments and messages, with the place of each passage.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync, Visitor } from "oxc-parser";

export type PassageKind = "page" | "comment" | "message";

export interface Passage {
  readonly kind: PassageKind;
  /** Relative to the repository. */
  readonly file: string;
  /** Of the first line of `text`, from 1. */
  readonly line: number;
  /** Markdown, with the lines of the file and placeholders for code. */
  readonly text: string;
}

const pages = ["*.md", "docs/**/*.md", "{packages,examples}/*/*.md", "{soak,benchmarks,conformance}/*.md"];
const sources = [
  "{packages,examples}/*/{src,test,scripts,bin}/**/*.{ts,tsx,js,cts}",
  "{soak,benchmarks,conformance}/{src,test}/**/*.ts",
  "{scripts,test}/**/*.ts",
];

/** Messages of these are for the developers of Offhook alone, or are inputs of tests. */
const isTest = /(?:^|\/)test\/|\.test\.ts$/;

/** Reads every passage of the repository. */
export function readPassages(repository: string): Passage[] {
  return [
    ...read(repository, pages).map(({ file, text }) => pagePassage(file, text)),
    ...readSources(repository).flatMap(({ file, text }) => sourcePassages(file, text)),
  ];
}

interface TextFile {
  /** Relative to the repository. */
  readonly file: string;
  readonly text: string;
}

export function readSources(repository: string): TextFile[] {
  return read(repository, sources);
}

function read(repository: string, patterns: readonly string[]): TextFile[] {
  const files = globSync(patterns, { cwd: repository, exclude: ["**/node_modules/**", "**/dist/**"] });
  return files.map((file) => ({ file, text: readFileSync(join(repository, file), "utf8") }));
}

/** A Markdown page without its code blocks. */
export function pagePassage(file: string, markdown: string): Passage {
  let fence = "";
  const lines = markdown.split("\n").map((line) => {
    const mark = /^\s*(```+|~~~+)/.exec(line)?.[1] ?? "";
    if (fence === "" && mark !== "") {
      fence = mark;
      return "";
    }
    if (fence === "") return line;
    if (mark.startsWith(fence)) fence = "";
    return "";
  });
  return { kind: "page", file, line: 1, text: lines.join("\n") };
}

/** Comments, and literals that people read: those with at least three words, of which one is followed by another. */
export function sourcePassages(file: string, source: string): Passage[] {
  const { program, comments } = parseSync(file, source);
  const lineAt = lineCounter(source);
  const passages: Passage[] = joinLines(comments, source).map(({ start, text }) => ({
    kind: "comment",
    file,
    line: lineAt(start),
    text,
  }));
  if (isTest.test(file)) return passages;
  const add = (start: number, text: string): void => {
    if (!isProse(text)) return;
    const line = lineAt(start);
    if (!isColumns(text)) return void passages.push({ kind: "message", file, line, text });
    text.split("\n").forEach((row, index) => passages.push({ kind: "message", file, line: line + index, text: row }));
  };
  new Visitor({
    Literal(node) {
      if (typeof node.value === "string") add(node.start, node.value);
    },
    TemplateLiteral(node) {
      add(node.start, node.quasis.map(({ value }) => value.cooked ?? "").join("`value`"));
    },
    JSXText(node) {
      add(node.start, node.value.replace(/\s+/g, " ").trim());
    },
  }).visit(program);
  return passages;
}

interface Comment {
  readonly type: "Line" | "Block";
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** Line comments that follow each other are one passage. Directives of tools are none. */
function joinLines(comments: readonly Comment[], source: string): { start: number; text: string }[] {
  const joined: { start: number; end: number; isLine: boolean; text: string }[] = [];
  for (const { type, value, start, end } of comments) {
    if (/^\s*(?:oxlint-|eslint-|@ts-|@jsxImportSource|[#@]__|\/ <reference|!)/.test(value)) continue;
    const last = joined.at(-1);
    const text = type === "Line" ? value.replace(/^ /, "") : blockText(value);
    const isNext = last?.isLine === true && /^\r?\n[ \t]*$/.test(source.slice(last.end, start));
    if (type === "Line" && last !== undefined && isNext) {
      last.text += `\n${text}`;
      last.end = end;
    } else joined.push({ start, end, isLine: type === "Line", text });
  }
  return joined;
}

function blockText(value: string): string {
  return value
    .split("\n")
    .map((line) => line.replace(/^\s*\*+ ?/, ""))
    .join("\n")
    .trimEnd();
}

function isProse(text: string): boolean {
  return /[A-Za-z]{2,} [a-z]+,? [a-z(]/.test(text) && !/[{};]\n|^\s*(?:import|export|const|SELECT|INSERT)\b/.test(text);
}

/** Whether each line is a row of its own, such as an option and its description. */
function isColumns(text: string): boolean {
  return (text.match(/^ *\S+(?: \S+)? {2,}\S/gm)?.length ?? 0) > 1;
}

/** @returns a function that gives the line of an offset, from 1. */
export function lineCounter(source: string): (offset: number) => number {
  const starts = [...source.matchAll(/\n/g)].map(({ index }) => index);
  return (offset) => {
    const next = starts.findIndex((at) => at >= offset);
    return (next === -1 ? starts.length : next) + 1;
  };
}
