/** The log: subscribes to what the stages tell and writes lines, for people (`text`) or for machines (`json`). */
import { hintsGiven, isolateEnded, notices, outputWritten, requestEnded, type LogLevel } from "./channels.ts";
import { formatJson } from "./log-json.ts";
import { LogOutput } from "./log-output.ts";
import {
  recordHints,
  recordIsolateEnd,
  recordNotice,
  recordOutput,
  recordRequest,
  type LogRecord,
} from "./log-record.ts";
import { formatText } from "./log-text.ts";

/** Makes lines of a record; none of one that is not to be told. */
export type LogFormat = (record: LogRecord, at: Date) => string;

export interface LogOptions {
  /** One of ours, or another's, which is then told everything that happens, each time. */
  readonly format: "text" | "json" | LogFormat;
  /** The least level that is written; it may change meanwhile. */
  readonly level: LogLevel | (() => LogLevel);
  /** Also write a line, at `info`, for every request that went well. */
  readonly accessLog: boolean;
  /** Whether text names the service of each line, for servers of several services. JSON always does. */
  readonly namesServices?: boolean;
  /** Usually the process's standard output. If it ends (EPIPE), the log falls silent and nothing else happens. */
  readonly stream: NodeJS.WritableStream;
}

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Starts the log and returns the function that ends it; what was told until then is handed to the stream before it returns. */
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
      // Nearly all of them are of no interest: told apart before anything is made of them.
      if (accessLog || ended.status >= 500 || ended.code !== undefined) write(recordRequest(ended));
    }),
    outputWritten.subscribe((output) => write(recordOutput(output))),
    isolateEnded.subscribe((ended) => write(lessOften(recordIsolateEnd(ended)))),
    hintsGiven.subscribe((event) => write(lessOften(recordHints(event)))),
    notices.subscribe((notice) => write(recordNotice(notice))),
  ];

  return () => {
    for (const end of ends) end();
    out.end();
  };
}

/** Nobody read the log, or there was no room for it. */
function recordLoss(lines: number): LogRecord {
  const what = lines === 1 ? "1 line of the log is missing here" : `${lines} lines of the log are missing here`;
  return recordNotice({ level: "warn", code: "log-lines-lost", message: what });
}

/**
 * A function that leaves something behind does so at each call. The log says it once for each service, and after that only at
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
 * Text says what to do next with the first line of each code, not with every line.
 * @param namesServices whether each line names its service, and each service gets that advice.
 */
function textFormat(namesServices: boolean): (record: LogRecord, at: Date) => string {
  const advised = new Set<string>();
  return (record, at) => {
    const { code = "" } = record;
    const key = namesServices ? keyOf(record, code) : code;
    const isKnown = advised.has(key);
    advised.add(key);
    return formatText(record, at, { hasAdvice: !isKnown, namesService: namesServices });
  };
}

function keyOf({ service = "" }: LogRecord, text: string): string {
  return `${service} ${text}`;
}

export { hintText, printable } from "./log-text.ts";
export type { LogRecord } from "./log-record.ts";
