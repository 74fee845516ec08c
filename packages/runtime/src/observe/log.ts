/** The log: subscribes to the stages' channels and writes lines, for people (`text`) or for machines (`json`). */
import {
  hintsGiven,
  isolateEnded,
  notices,
  outputWritten,
  replyProblemsFound,
  requestEnded,
  type LogLevel,
} from "./channels.ts";
import { formatJson } from "./log-json.ts";
import { LogOutput } from "./log-output.ts";
import {
  recordHints,
  recordIsolateEnd,
  recordNotice,
  recordOutput,
  recordReplyProblems,
  recordRequest,
  type LogRecord,
} from "./log-record.ts";
import { formatText } from "./log-text.ts";

/** Makes the lines of a record. Returns an empty text for a record that it leaves out. */
export type LogFormat = (record: LogRecord, at: Date) => string;

export interface LogOptions {
  /** A built-in format, or a function. A function gets every record, including repeated ones. */
  readonly format: "text" | "json" | LogFormat;
  /** The lowest level that is written. A function allows the level to change. */
  readonly level: LogLevel | (() => LogLevel);
  /** Also write a line, at `info`, for every request that succeeded. */
  readonly accessLog: boolean;
  /** Whether text names the service of each line, for servers of several services. JSON always does. */
  readonly namesServices?: boolean;
  /** Usually the process's standard output. If it closes (EPIPE), the log stops, and nothing else happens. */
  readonly stream: NodeJS.WritableStream;
}

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Starts the log. Returns the function that ends it, which first hands all earlier lines to the stream. */
export function startLog(options: LogOptions): () => void {
  const { stream, accessLog, namesServices = false } = options;
  const isOwn = typeof options.format === "string";
  const format =
    typeof options.format === "function"
      ? options.format
      : options.format === "json"
        ? formatJson
        : textFormat(namesServices);
  const lessOften = isOwn ? createLessOften() : (record: LogRecord): LogRecord => record;
  const { level } = options;
  const threshold = typeof level === "string" ? () => ranks[level] : () => ranks[level()];
  const out = new LogOutput(stream, (lines) => format(recordLoss(lines), new Date()));

  const write = (record: LogRecord | undefined): void => {
    if (record !== undefined && ranks[record.level] >= threshold()) out.add(format(record, new Date()));
  };

  const ends = [
    requestEnded.subscribe((ended) => {
      // Most requests are not logged. This check comes first, so that they cost nothing more.
      if (accessLog || ended.status >= 500 || ended.code !== undefined) write(recordRequest(ended));
    }),
    outputWritten.subscribe((output) => write(recordOutput(output))),
    isolateEnded.subscribe((ended) => write(lessOften(recordIsolateEnd(ended)))),
    hintsGiven.subscribe((event) => write(lessOften(recordHints(event)))),
    replyProblemsFound.subscribe((found) => write(recordReplyProblems(found))),
    notices.subscribe((notice) => write(recordNotice(notice))),
  ];

  return () => {
    for (const end of ends) end();
    out.end();
  };
}

/** For lines that were dropped, because the log was not read or the disk was full. */
function recordLoss(lines: number): LogRecord {
  const what = lines === 1 ? "1 line of the log is missing here" : `${lines} lines of the log are missing here`;
  return recordNotice({ level: "warn", code: "log-lines-lost", message: what });
}

/**
 * A function with leftovers has them after each call. The log says it once for each service, and after that only at
 * level `debug`.
 */
function createLessOften(): (record: LogRecord | undefined) => LogRecord | undefined {
  const seen = new Set<string>();
  return (record) => {
    if (record?.level !== "info") return record;
    const key = keyOf(record, record.message || JSON.stringify([record.function, record.hints]));
    const isKnown = seen.has(key);
    seen.add(key);
    return isKnown ? { ...record, level: "debug" } : record;
  };
}

/**
 * In text, only the first line of each code has the next step, not every line. Problems of replies have no code. The
 * first line of each next step has it.
 * @param namesServices whether each line names its service, and each service gets that first line.
 */
function textFormat(namesServices: boolean): (record: LogRecord, at: Date) => string {
  const advised = new Set<string>();
  return (record, at) => {
    const text = record.code ?? record.next ?? "";
    const key = namesServices ? keyOf(record, text) : text;
    const isKnown = advised.has(key);
    advised.add(key);
    return formatText(record, at, { hasAdvice: !isKnown, namesService: namesServices });
  };
}

function keyOf({ service = "" }: LogRecord, text: string): string {
  return `${service} ${text}`;
}

export { hintText, printable, problemText } from "./log-text.ts";
export type { LogRecord } from "./log-record.ts";
