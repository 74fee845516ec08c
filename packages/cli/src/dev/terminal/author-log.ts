/**
 * The log for the author at a terminal: one line per event, in columns. Lines of one invocation have the same short id.
 *
 *     12:04:31 3f2a  log   /sms/reply            Message SM1 is sent
 *     12:04:31 3f2a  POST  /sms/reply            200   12 ms  cold
 *     12:04:31 3f2a  reply /sms/reply            Twilio 12100: Write & as &amp;. Twilio sends no reply (line 2)
 *     12:04:31 3f2a  left  /sms/reply            terminated after callback(): 1 timer
 *     12:04:31 3f2a  hint  /sms/reply            This work was still pending … (functions/sms/reply.js:9)
 *     12:04:35       Reloaded in 31 ms: functions/sms/reply.js
 */
import { pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";

import { hintText, printable, problemText, type LogFormat, type LogRecord } from "@offhook/runtime/log";

import { wrapLine } from "../../screen/line-wrap.ts";
import { createPalette, type Paint, type Palette } from "../../screen/palette.ts";
import { padToWidth, textWidth } from "../../screen/text-width.ts";
import type { Details } from "./details.ts";

export interface AuthorLogOptions {
  /** The project's folder with links resolved. The log shows the files in it relative to it. */
  readonly folder: string;
  readonly isColored: boolean;
  /** Columns of the terminal at the time of the call. Undefined if lines stay whole. */
  readonly columns: () => number | undefined;
  readonly details: Pick<Details, "isOn" | "of">;
}

/** The column in which the text of a line and of its continuation lines starts. */
const indent = 15;
const kindWidth = 5;
/** With fewer columns right of the paths, further lines start below them. */
const minTextColumns = 32;
/** The part of a line that is searched for its indent. A function may print any number of spaces. */
const maxIndent = 60;
const minPathWidth = 20;
const maxPathWidth = 44;
/** Where the width is unknown. */
const defaultColumns = 100;
/** Limit on running requests whose hints are remembered. */
const maxRequestsWithHints = 100;

export function createAuthorLog({ folder, isColored, columns, details }: AuthorLogOptions): LogFormat {
  const palette = createPalette(isColored);
  const advised = new Set<string>();
  /** By request: the hints that were shown while it ran. */
  const hintsByRequest = new Map<string, readonly string[]>();
  const paths = new PathColumn();

  const folderUrl = pathToFileURL(folder).href;
  const relative = (text: string): string => text.replaceAll(`${folderUrl}/`, "").replaceAll(`${folder}/`, "");
  const shortened = (text: string): string => (details.isOn ? text : text.replace(inNode, ""));
  const below = (text: string, paint: Paint = (line) => line): string =>
    text === "" ? "" : `${" ".repeat(indent)}${linesOf(text).map(paint).join(newline)}\n`;

  const inPathColumn = (path: string): string => paths.pad(escaped(path), columns() ?? defaultColumns);

  const bodyOf = (record: LogRecord): string => {
    const { request, isolate } = record;
    if (request !== undefined) {
      const why =
        record.code === undefined ? "" : `  ${paintOf(record.level, palette)(record.code)}: ${record.message}`;
      const what = kind(request.method === "" ? "(no request)" : request.method);
      return `${what} ${inPathColumn(request.path)}  ${resultOf(request, palette)}${why}`;
    }
    if (record.event === "output") {
      const word = record.level === "info" ? palette.dim(kind("log")) : kindOf(record.level, palette);
      const who = record.function === undefined ? "(no invocation)" : `/${record.function}`;
      return `${word} ${palette.dim(inPathColumn(who))}  ${textOf(record.message.replace(frames, relative))}`;
    }
    if (record.event === "hint" || record.event === "reply-problem") {
      const [word, texts] = findingsOf(record, palette);
      return `${word} ${inPathColumn(`/${record.function ?? ""}`)}  ${texts.map(textOf).join(newline)}`;
    }
    const isLeft = isolate?.reason === "leftovers" || isolate?.reason === "unresponsive";
    if (isLeft && record.function !== undefined) {
      const what =
        isolate.reason === "leftovers" ? `after callback(): ${isolate.detail}` : `since it ${isolate.detail}`;
      return `${palette.yellow(kind("left"))} ${inPathColumn(`/${record.function}`)}  ${textOf(`terminated ${what}`)}`;
    }
    const word = record.level === "info" ? "" : `${kindOf(record.level, palette)} `;
    return `${word}${record.code === undefined ? "" : `${record.code}: `}${textOf(shortened(relative(record.message)))}`;
  };

  /** Leaves out hints that were already shown while the request ran. */
  const hintsOf = ({ event, requestId = "", hints = [] }: LogRecord): readonly string[] => {
    const texts = hints.map((hint) => hintText(hint));
    const earlierTexts = hintsByRequest.get(requestId);
    if (event === "request") hintsByRequest.delete(requestId);
    if (event !== "hint")
      return earlierTexts === undefined ? texts : texts.filter((text) => !earlierTexts.includes(text));
    if (hintsByRequest.size >= maxRequestsWithHints) hintsByRequest.delete(hintsByRequest.keys().next().value ?? "");
    hintsByRequest.set(requestId, [...(earlierTexts ?? []), ...texts]);
    return [];
  };

  return (record, at) => {
    const { next, requestId, hints = [] } = record;
    const code = record.code ?? next ?? "";
    const shortId = requestId === undefined ? "    " : requestId.slice(-4).padStart(4);
    paths.textColumn = indent;
    const body = bodyOf(record);
    let text = `${palette.dim(`${clock(at)} ${escaped(shortId)}`)}  ${body}\n`;
    if (record.detail !== undefined) text += below(shortened(relative(record.detail)), (line) => frame(line, palette));
    for (const hint of hintsOf(record)) text += below(`Hint: ${hint}`, palette.cyan);
    // A hint says what is wrong here, so the general next step is not needed as well.
    if (
      next !== undefined &&
      hints.length === 0 &&
      (record.level === "error" || record.level === "warn") &&
      !advised.has(code)
    ) {
      advised.add(code);
      text += below(next, palette.dim);
    }
    if (details.isOn && record.request !== undefined) text += below(details.of(record.request), palette.dim);
    const width = columns();
    return width === undefined ? text : wrapped(text, width, body.includes("\n") ? indent : paths.textColumn);
  };
}

/** The column of paths. It grows with the longest path, up to a share of the terminal. */
class PathColumn {
  #width = minPathWidth;
  /** Where the text after the last path starts. */
  textColumn = indent;

  pad(path: string, columns: number): string {
    const width = textWidth(path);
    if (width > this.#width && width <= Math.min(maxPathWidth, Math.floor(columns * 0.4))) this.#width = width;
    this.textColumn = indent + kindWidth + 1 + Math.max(width, this.#width) + 2;
    return padToWidth(path, this.#width);
  }
}

/** @param firstIndent where the further lines of the first line start, if that leaves enough columns. */
function wrapped(text: string, columns: number, firstIndent: number): string {
  return text
    .split("\n")
    .map((line, index) => {
      if (index > 0) return wrapLine(line, columns, indentOf(line));
      return wrapLine(line, columns, columns - firstIndent < minTextColumns ? indent : firstIndent);
    })
    .join("\n");
}

/** A colour may begin before the spaces do. */
function indentOf(line: string): number {
  return /^\s*/.exec(stripVTControlCharacters(line.slice(0, maxIndent)))?.[0].length ?? 0;
}

function kind(word: string): string {
  return word.padEnd(kindWidth);
}

function kindOf(level: LogRecord["level"], palette: Palette): string {
  return paintOf(level, palette)(kind(level));
}

function paintOf(level: LogRecord["level"], palette: Palette): Paint {
  return { debug: palette.dim, info: palette.dim, warn: palette.yellow, error: palette.red }[level];
}

/** Hints about an invocation, or problems of its reply. */
function findingsOf({ event, level, hints, problems }: LogRecord, palette: Palette): [word: string, texts: string[]] {
  return event === "hint"
    ? [palette.cyan(kind("hint")), hints?.map(hintText) ?? []]
    : [paintOf(level, palette)(kind("reply")), problems?.map(problemText) ?? []];
}

/** Status, duration, and whether it was a cold start. */
function resultOf({ status, durationMs, isCold }: NonNullable<LogRecord["request"]>, palette: Palette): string {
  const warmth = isCold === undefined ? "" : isCold ? palette.cyan("  cold") : palette.dim("  warm");
  return `${statusOf(status, palette)} ${durationOf(durationMs).padStart(7)}${warmth}`;
}

function statusOf(status: number, { green, cyan, yellow, red }: Palette): string {
  const paint = status >= 500 ? red : status >= 400 ? yellow : status >= 300 ? cyan : green;
  return paint(String(status));
}

function durationOf(ms: number): string {
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(2)} s`;
  return `${ms >= 10 ? Math.round(ms) : ms.toFixed(1)} ms`;
}

/** Dims stack frames that are not from the project. */
function frame(line: string, palette: Palette): string {
  const isFrame = /^\s+at /.test(line);
  const isOthers = /node_modules|\(node:|at node:|\(\/|at \/|at async \//.test(line);
  return isFrame && isOthers ? palette.dim(line) : line;
}

function clock(at: Date): string {
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((value) => String(value).padStart(2, "0")).join(":");
}

/** Stack frames from inside Node, which the author cannot change, and empty lines. */
const inNode = /\n(?:[^\S\n]+at .*\bnode:internal\/.*|[^\S\n]*)(?=\n|$)/g;

/** Stack frames in a function's output. The rest of its output stays unchanged. */
const frames = /^[^\S\n]+at .*$/gm;

const newline = `\n${" ".repeat(indent)}`;

/** Indents further lines, so that no line of a user's text looks like one of ours. */
function textOf(text: string): string {
  return linesOf(text).join(newline);
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).map(printable);
}

function escaped(text: string): string {
  return printable(text.replaceAll("\n", "\\n"));
}
