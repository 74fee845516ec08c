/**
 * Whether what an isolate has said is a message. User code shares the isolate's process and can write to the same
 * descriptor, so nothing that arrives is taken on trust: what does not pass ends the isolate.
 */
import type { LogLevel } from "../log-level.ts";
import type { DiagnosisState, FailureCode, FromIsolate } from "./messages.ts";

const failureCodes: Readonly<Record<FailureCode, true>> = {
  "body-malformed": true,
  "body-encoding-unsupported": true,
  "body-charset-unsupported": true,
  "request-too-large": true,
  "handler-missing": true,
  "function-load-failed": true,
  "handler-threw": true,
  "callback-error": true,
  "reply-not-serializable": true,
  "reply-too-large": true,
  "reply-headers-too-long": true,
  "reply-header-invalid": true,
  "reply-status-invalid": true,
  "cookie-too-old": true,
};
const levels: Readonly<Record<LogLevel, true>> = { debug: true, info: true, warn: true, error: true };
const states: Readonly<Record<DiagnosisState, true>> = {
  computing: true,
  waiting: true,
  ended: true,
  failed: true,
  "called-again": true,
  "error-as-reply": true,
  "promise-as-reply": true,
  "request-replaced": true,
  left: true,
};
const exits: Readonly<Record<string, true>> = { exit: true, abort: true, kill: true, error: true };

type Claimed = Readonly<Record<string, unknown>>;

/** What a message of each kind has to be. */
const checks: Readonly<Record<FromIsolate["kind"], (said: Claimed) => boolean>> = {
  reply: isReply,
  failed: (said) =>
    isNumber(said["id"]) &&
    isOneOf(failureCodes, said["code"]) &&
    isOptional(isError, said["error"]) &&
    isOptional(isNumber, said["loadMs"]),
  settled: (said) =>
    isNumber(said["id"]) &&
    isNumber(said["tookMs"]) &&
    typeof said["isTainted"] === "boolean" &&
    isArrayOf(isString, said["leftovers"]),
  retracted: (said) => isArrayOf(isNumber, said["ids"]),
  output: (said) => isNumber(said["id"]) && isOneOf(levels, said["level"]),
  diagnosis: (said) =>
    isNumber(said["id"]) &&
    isOneOf(states, said["state"]) &&
    isArrayOf(isString, said["stacks"]) &&
    isArrayOf(isString, said["notes"]),
  loading: (said) => isString(said["function"]),
  "load-failed": (said) => isString(said["function"]) && isError(said["error"]),
  "files-loaded": (said) => isArrayOf(isString, said["files"]),
  ready: () => true,
  spawned: (said) => Number.isInteger(said["pid"]) && (said["pid"] as number) > 1,
  exiting: (said) => isOneOf(exits, said["how"]) && isNumber(said["code"]),
  debugger: (said) => isInspectorUrl(said["url"]) && typeof said["isWaiting"] === "boolean",
};

export function isFromIsolate(value: unknown): value is FromIsolate {
  if (typeof value !== "object" || value === null) return false;
  const said = value as Claimed;
  const kind = said["kind"];
  return isString(kind) && Object.hasOwn(checks, kind) && checks[kind as FromIsolate["kind"]](said);
}

/** Ours to connect to is what listens on loopback, and nothing else. */
function isInspectorUrl(value: unknown): boolean {
  return isString(value) && /^ws:\/\/127\.0\.0\.1:\d{1,5}\/[\da-f-]+$/.test(value) && URL.canParse(value);
}

function isReply(said: Claimed): boolean {
  const { headers } = said;
  return (
    isNumber(said["id"]) &&
    Number.isInteger(said["status"]) &&
    isArrayOf(isString, headers) &&
    headers.length % 2 === 0 &&
    isOptional(isNumber, said["settledMs"]) &&
    isOptional(isNumber, said["loadMs"]) &&
    (said["failure"] === undefined || isOneOf(failureCodes, said["failure"]))
  );
}

function isError(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { name, message, stack } = value as Claimed;
  return isString(name) && isString(message) && isOptional(isString, stack);
}

function isOptional(is: (value: unknown) => boolean, value: unknown): boolean {
  return value === undefined || is(value);
}

function isArrayOf<T>(is: (value: unknown) => value is T, value: unknown): value is T[] {
  return Array.isArray(value) && value.every(is);
}

function isOneOf(words: Readonly<Record<string, true>>, value: unknown): boolean {
  return isString(value) && Object.hasOwn(words, value);
}

/** JSON has no NaN, and `null` is what becomes of one: an exit code of `process.exit("x")`. */
function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}
