/**
 * Checks messages from isolates. User code shares the isolate's process and can write to the same descriptor, so no
 * message is trusted. The pool ends an isolate that sends an invalid one.
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

type UncheckedMessage = Readonly<Record<string, unknown>>;

/** The check for each kind of message. */
const checks: Readonly<Record<FromIsolate["kind"], (message: UncheckedMessage) => boolean>> = {
  reply: isReply,
  failed: (message) =>
    isNumber(message["id"]) &&
    isOneOf(failureCodes, message["code"]) &&
    isOptional(isError, message["error"]) &&
    isOptional(isNumber, message["loadMs"]),
  settled: (message) =>
    isNumber(message["id"]) &&
    isNumber(message["tookMs"]) &&
    typeof message["isTainted"] === "boolean" &&
    isArrayOf(isString, message["leftovers"]),
  retracted: (message) => isArrayOf(isNumber, message["ids"]),
  output: (message) => isNumber(message["id"]) && isOneOf(levels, message["level"]),
  diagnosis: (message) =>
    isNumber(message["id"]) &&
    isOneOf(states, message["state"]) &&
    isArrayOf(isString, message["stacks"]) &&
    isArrayOf(isString, message["notes"]),
  loading: (message) => isString(message["function"]),
  "load-failed": (message) => isString(message["function"]) && isError(message["error"]),
  "files-loaded": (message) => isArrayOf(isString, message["files"]),
  ready: () => true,
  spawned: (message) => Number.isInteger(message["pid"]) && (message["pid"] as number) > 1,
  exiting: (message) => isOneOf(exits, message["how"]) && isNumber(message["code"]),
  debugger: (message) => isInspectorUrl(message["url"]) && typeof message["isWaiting"] === "boolean",
};

export function isFromIsolate(value: unknown): value is FromIsolate {
  if (typeof value !== "object" || value === null) return false;
  const message = value as UncheckedMessage;
  const kind = message["kind"];
  return isString(kind) && Object.hasOwn(checks, kind) && checks[kind as FromIsolate["kind"]](message);
}

/** The gateway must only connect to 127.0.0.1. */
function isInspectorUrl(value: unknown): boolean {
  return isString(value) && /^ws:\/\/127\.0\.0\.1:\d{1,5}\/[\da-f-]+$/.test(value) && URL.canParse(value);
}

function isReply(message: UncheckedMessage): boolean {
  const { headers } = message;
  return (
    isNumber(message["id"]) &&
    Number.isInteger(message["status"]) &&
    isArrayOf(isString, headers) &&
    headers.length % 2 === 0 &&
    isOptional(isNumber, message["settledMs"]) &&
    isOptional(isNumber, message["loadMs"]) &&
    (message["failure"] === undefined || isOneOf(failureCodes, message["failure"]))
  );
}

function isError(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { name, message, stack } = value as UncheckedMessage;
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

/** JSON turns NaN into `null`, such as the exit code of `process.exit("x")`. */
function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}
