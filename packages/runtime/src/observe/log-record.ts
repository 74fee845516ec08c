/**
 * The content of one line of the log, independent of its format: level, message, and named facts. It never has a
 * header's value, a body or a variable.
 */
import { ledger, type LedgerEntry } from "../errors.ts";
import type {
  GivenHint,
  HintsGiven,
  IsolateEnded,
  IsolateEndReason,
  LogLevel,
  Notice,
  OutputWritten,
  RequestEnded,
} from "./channels.ts";

export interface LogRecord {
  readonly event: "request" | "output" | "isolate-ended" | "hint" | "notice";
  readonly level: LogLevel;
  readonly message: string;
  readonly service?: string | undefined;
  /** Key of the function, without leading slash. */
  readonly function?: string | undefined;
  readonly requestId?: string | undefined;
  /** Code of the ledger. */
  readonly code?: string | undefined;
  /** The number under which the hosted product reports the same error. */
  readonly twilioCode?: number | undefined;
  /** The author's error with its stack, the reason of a crash. It may have several lines. */
  readonly detail?: string | undefined;
  /** The next step: how to fix it. */
  readonly next?: string | undefined;
  /** For the function's author. */
  readonly hints?: readonly GivenHint[] | undefined;
  readonly request?: RequestEnded;
  readonly isolate?: IsolateEnded;
}

/**
 * Hosted codes for events without an entry in the ledger: replies of 500 and above, and `console.warn` and `.error`.
 */
const hostedCodes = { failed: 82002, warned: 82004, logged: 82005 } as const;

/**
 * Rejections (4xx with a code) are warnings, failures are errors, all else is information. Clients often disconnect.
 */
export function recordRequest(ended: RequestEnded): LogRecord {
  const { status, code } = ended;
  const entry = entryFor(code);
  const isOrdinary = code === undefined || code === "client-disconnected";
  const level = status >= 500 ? "error" : isOrdinary ? "info" : "warn";
  return {
    event: "request",
    level,
    message: entry?.message ?? "",
    service: ended.service,
    function: ended.function,
    requestId: ended.requestId,
    code,
    twilioCode: entry?.twilioCode ?? (status >= 500 && entry === undefined ? hostedCodes.failed : undefined),
    detail: ended.detail,
    hints: hintsOf(ended),
    next: entry?.next,
    request: ended,
  };
}

/** The sentences of a diagnosis are hints. */
function hintsOf({ hints, signatureDiagnosis }: RequestEnded): readonly GivenHint[] | undefined {
  if (signatureDiagnosis === undefined || signatureDiagnosis.explanation.length === 0) return hints;
  return [...(hints ?? []), ...signatureDiagnosis.explanation.map((text) => ({ text }))];
}

/** Removes a final newline: texts of `process.stdout.write` have one, texts of `console.log` do not. */
export function recordOutput(output: OutputWritten): LogRecord {
  const { level, text } = output;
  return {
    event: "output",
    level,
    message: text.endsWith("\n") ? text.slice(0, -1) : text,
    service: output.service,
    function: output.function,
    requestId: output.requestId,
    twilioCode: level === "error" ? hostedCodes.logged : level === "warn" ? hostedCodes.warned : undefined,
  };
}

export function recordIsolateEnd(ended: IsolateEnded): LogRecord {
  return {
    event: "isolate-ended",
    level: levelOfEnd(ended),
    message: describeEnd(ended),
    service: ended.service,
    function: ended.function,
    requestId: ended.requestId,
    isolate: ended,
  };
}

/** At level `info`, because the error itself has its own line. */
export function recordHints({ service, requestId, function: name, hints }: HintsGiven): LogRecord {
  return { event: "hint", level: "info", message: "", service, requestId, function: name, hints };
}

export function recordNotice(notice: Notice): LogRecord {
  const entry = entryFor(notice.code);
  return {
    event: "notice",
    level: notice.level,
    message: notice.message,
    service: notice.service,
    code: notice.code,
    twilioCode: entry?.twilioCode,
    next: entry?.next,
  };
}

function entryFor(code: string | undefined): LedgerEntry | undefined {
  if (code === undefined || !Object.hasOwn(ledger, code)) return undefined;
  return ledger[code as keyof typeof ledger];
}

/**
 * If an isolate dies during an invocation, the request's own line reports it. At other times there is no other line.
 */
function levelOfEnd({ reason, requestId }: IsolateEnded): LogLevel {
  switch (reason) {
    case "leftovers":
    case "unresponsive":
      return "info";
    // The request's own line or the output already says what happened.
    case "tainted":
    case "never-reused":
    case "idle":
    case "reloaded":
    case "stopped":
      return "debug";
    case "timed-out":
    case "out-of-memory":
    case "exited":
    case "crashed":
    case "protocol-broken":
    case "start-failed":
      return requestId === undefined ? "error" : "debug";
    default:
      return reason satisfies never;
  }
}

const endings: Readonly<Record<Exclude<IsolateEndReason, "leftovers" | "unresponsive">, string>> = {
  tainted: "was replaced because its last invocation failed half-way",
  "never-reused": "was replaced after its only invocation",
  "timed-out": "exceeded the time limit",
  "out-of-memory": "ran out of memory",
  exited: "exited",
  crashed: "crashed",
  "protocol-broken": "was ended because it wrote to the runtime's own pipe",
  idle: "was ended because it was idle",
  reloaded: "was replaced for a reload",
  stopped: "was ended with the server",
  "start-failed": "ended before it was ready",
};

function describeEnd(ended: IsolateEnded): string {
  const { reason, detail, pid } = ended;
  const who = ended.function === undefined ? `Isolate ${pid}` : `/${ended.function}`;
  if (reason === "unresponsive") return `${who} ${detail}. Its isolate was replaced`;
  if (reason === "leftovers") return `${who} had leftovers after callback(): ${detail}. Its isolate was replaced`;
  return `Isolate ${pid} ${endings[reason]}${detail === "" ? "" : `: ${detail}`}`;
}
