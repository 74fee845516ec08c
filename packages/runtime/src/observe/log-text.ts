/** Formats a record as lines for people: `HH:MM:SS.mmm LEVEL [service] message`. Further lines are indented. */
import { escapeUnsafe, unicodeEscape } from "../printable.ts";
import type { GivenHint, ReplyProblem } from "./channels.ts";
import type { LogRecord } from "./log-record.ts";

const levels = { debug: "DEBUG", info: "INFO ", warn: "WARN ", error: "ERROR" } as const;

export interface TextOptions {
  /** Whether the lines say what to do next. */
  readonly hasAdvice: boolean;
  /** Whether the first line names the service. */
  readonly namesService: boolean;
}

export function formatText(record: LogRecord, at: Date, { hasAdvice, namesService }: TextOptions): string {
  const service = namesService && record.service ? `${oneLine(record.service)} ` : "";
  let text = `${clock(at)} ${levels[record.level]} ${printable(service + headline(record))}\n`;
  if (record.detail) text += indented(record.detail);
  for (const problem of record.problems?.slice(1) ?? []) text += indented(problemText(problem));
  for (const hint of record.hints ?? []) text += indented(`Hint: ${hintText(hint)}`);
  if (hasAdvice && record.next !== undefined && (record.level === "error" || record.level === "warn")) {
    text += indented(`Next: ${record.next}`);
  }
  return text;
}

function headline(record: LogRecord): string {
  const { request, message, requestId } = record;
  if (request !== undefined) {
    // Bytes that are not HTTP have neither method nor path.
    const what = request.method === "" ? "(no request)" : `${request.method} ${oneLine(request.path)}`;
    const warmth = request.isCold === undefined ? "" : request.isCold ? " cold" : " warm";
    const facts = `${what} ${request.status} ${request.durationMs.toFixed(1)} ms${warmth} ${request.bytes} B ${request.requestId}`;
    if (record.code === undefined) return facts;
    const twilio = record.twilioCode === undefined ? "" : ` (${record.twilioCode})`;
    return `${facts} ${record.code}${twilio}: ${message}`;
  }
  if (record.event === "hint" || record.event === "reply-problem") {
    const problem = record.problems?.slice(0, 1).map(problemText) ?? [];
    return [`/${oneLine(record.function ?? "")}`, requestId ?? "", ...problem].join(" ");
  }
  if (record.event === "output") {
    const who = record.function === undefined ? "(no invocation)" : `/${oneLine(record.function)}`;
    return `${who} ${requestId === undefined ? "" : `${requestId} `}${withIndent(message)}`;
  }
  const whose = record.event === "isolate-ended" && requestId !== undefined ? `${requestId} ` : "";
  return `${record.code === undefined ? "" : `${record.code}: `}${whose}${withIndent(message)}`;
}

/** The hint's text and its place. */
export function hintText({ text, file, line }: GivenHint): string {
  return file === undefined ? text : `${text} (${oneLine(file)}:${line})`;
}

/** The problem's number, text and line. */
export function problemText({ number, text, line }: ReplyProblem): string {
  return `Twilio${number === undefined ? "" : ` ${number}`}: ${oneLine(text)}${line === undefined ? "" : ` (line ${line})`}`;
}

function clock(at: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return `${time}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

function indented(text: string): string {
  return `    ${printable(withIndent(text))}\n`;
}

/** Indents further lines, so that no line of a user's text looks like a line of Offhook. */
function withIndent(text: string): string {
  return text.includes("\n") ? text.replaceAll("\r\n", "\n").replaceAll("\n", "\n    ") : text;
}

function oneLine(text: string): string {
  return text.replaceAll("\n", "\\n");
}

/** Escapes characters that a terminal would interpret or hide, except newlines and tabs. */
export function printable(text: string): string {
  return escapeUnsafe(text, (character) => {
    if (character === "\n" || character === "\t") return character;
    const point = character.charCodeAt(0);
    return point < 256 ? `\\x${point.toString(16).padStart(2, "0")}` : unicodeEscape(character);
  });
}
