/**
 * The text and the JSON that `invoke` prints.
 */
import { isUtf8 } from "node:buffer";

import { entryOf, ledger, type ErrorCode, type LedgerEntry } from "@offhook/runtime/errors";
import { concurrencyHeader, errorHeader, requestIdHeader } from "@offhook/runtime/internal/reply-headers";
import { hintText, problemText } from "@offhook/runtime/log";
import type { ReplyProblem } from "@offhook/runtime/observe";
import type { FunctionResource } from "@offhook/runtime/service";

import { printable } from "@offhook/runtime/internal/printable";
import type { InvocationRecord, OutputLine } from "./invocation-record.ts";
import type { Reply } from "./private-server.ts";

export interface Invoked {
  readonly method: string;
  readonly target: string;
  readonly resource: FunctionResource;
  readonly isSigned: boolean;
  readonly reply: Reply;
  readonly record: InvocationRecord;
  /** Parts of the reply that Twilio would reject or ignore. */
  readonly problems: readonly ReplyProblem[];
}

const words = { debug: "debug", info: "log  ", warn: "warn ", error: "error" } as const;

/** A line of the function's output. Its further lines are indented, so that none looks like one of ours. */
export function outputText({ level, text }: OutputLine): string {
  return `${words[level]} ${lines(text).replaceAll("\n", "\n      ")}\n`;
}

/** Headers that every reply has. They are not shown, except with a value other than the one here. */
const usual: Readonly<Record<string, string | undefined>> = {
  connection: undefined,
  "content-length": undefined,
  date: undefined,
  "keep-alive": undefined,
  "x-content-type-options": "nosniff",
  [errorHeader]: undefined,
  [requestIdHeader]: undefined,
  "x-shenanigans": "none",
  [concurrencyHeader]: undefined,
  "x-xss-protection": "1; mode=block",
};

/** Status, duration, and the headers that the author set. */
export function replyHead({ method, target, reply, record }: Invoked, isTerminal: boolean): string {
  const took = record.ended === undefined ? "" : `, ${Math.round(record.ended.durationMs)} ms`;
  const headers = headerPairs(reply.headers).flatMap(([name, value]) => {
    if (Object.hasOwn(usual, name) && (usual[name] === undefined || usual[name] === value)) return [];
    return `${name}: ${value}`;
  });
  const status = `${reply.status} ${reply.statusText}`.trim();
  // In a terminal, the body follows.
  return `${[`${method} ${target}: ${status}${took}`, ...headers].map(printable).join("\n")}\n${isTerminal ? "\n" : ""}`;
}

/** A repeated header has several pairs. */
export function headerPairs(headers: Reply["headers"]): (readonly [name: string, value: string])[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): readonly [string, string] => [name, one]),
  );
}

/** In a pipe, the unchanged body. In a terminal it is formatted, and its control characters cannot move the cursor. */
export async function shownBody({ headers, body }: Reply, isTerminal: boolean): Promise<Buffer | string> {
  if (!isTerminal || body.length === 0) return body;
  const type = headers["content-type"] ?? "";
  if (!isUtf8(body))
    return `(${body.length} bytes of ${printable(type || "unknown type")}; redirect the output to a file to see them)\n`;
  const text = body.toString("utf8");
  return `${lines(await laidOut(type, text)).replace(/\n$/, "")}\n`;
}

async function laidOut(type: string, text: string): Promise<string> {
  try {
    if (/\bjson\b/.test(type)) return JSON.stringify(JSON.parse(text), null, 2);
    if (!/\bxml\b/.test(type)) return text;
    const { twimlText } = await import("./twiml-text.ts");
    return twimlText(text);
  } catch {
    // The body does not match its content type. Show it unchanged.
    return text;
  }
}

/** The error, the leftovers, problems of the reply, and hints or the next step. */
export function replyTail({ resource, isSigned, record, problems }: Invoked): string {
  const sentences: string[] = [];
  const failure = failureOf(record);
  const { leftovers, hints } = record;
  if (failure !== undefined) {
    const { code, entry, detail } = failure;
    const number = entry?.twilioCode === undefined ? "" : ` (${entry.twilioCode})`;
    sentences.push(`${code}${number}: ${entry?.message ?? ""}`);
    if (detail !== undefined) sentences.push(`    ${lines(detail).replaceAll("\n", "\n    ")}`);
    if (hints.length === 0) sentences.push(`  ${nextOf(code, entry, resource, isSigned)}`);
  }
  if (leftovers !== undefined)
    sentences.push(`Still running after callback(), so it was stopped: ${printable(leftovers)}`);
  const hintLines = hints.map((hint) => `Hint: ${printable(hintText(hint))}\n`);
  return sentences.map((each) => `${each}\n`).join("") + problemLines(problems) + hintLines.join("");
}

/** Each problem of a reply, and how to fix it. */
export function problemLines(problems: readonly ReplyProblem[]): string {
  return problems
    .map((problem) => `${printable(problemText(problem))}\n${problem.next === undefined ? "" : `  ${problem.next}\n`}`)
    .join("");
}

function nextOf(
  code: string,
  entry: LedgerEntry | undefined,
  { visibility }: FunctionResource,
  isSigned: boolean,
): string {
  if (code === "signature-invalid" && visibility === "protected" && !isSigned) {
    return "The function is protected. Add --signed to sign the request with AUTH_TOKEN, as Twilio does.";
  }
  return entry?.next ?? "";
}

interface Failure {
  readonly code: string;
  readonly entry: LedgerEntry | undefined;
  readonly detail: string | undefined;
}

function failureOf({ ended }: InvocationRecord): Failure | undefined {
  if (ended?.code === undefined) return undefined;
  const { code, detail } = ended;
  return { code, detail, entry: Object.hasOwn(ledger, code) ? entryOf(code as ErrorCode) : undefined };
}

/** One line. A body that is not text is in `bodyBase64`. */
export function replyJson({ method, target, resource, isSigned, reply, record, problems }: Invoked): string {
  const failure = failureOf(record);
  const isText = isUtf8(reply.body);
  const result = {
    function: resource.name,
    method,
    target,
    status: reply.status,
    headers: reply.headers,
    body: isText ? reply.body.toString("utf8") : null,
    ...(!isText && { bodyBase64: reply.body.toString("base64") }),
    logs: record.logs,
    durationMs: Math.round((record.ended?.durationMs ?? 0) * 10) / 10,
    leftovers: record.leftovers ?? null,
    problems,
    hints: record.hints,
    error:
      failure === undefined
        ? null
        : {
            code: failure.code,
            message: failure.entry?.message ?? "",
            detail: failure.detail ?? null,
            next: nextOf(failure.code, failure.entry, resource, isSigned),
          },
  };
  return `${JSON.stringify(result)}\n`;
}

/** Escapes control characters, except line breaks and tabs. */
function lines(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .split("\n")
    .map((line) => line.split("\t").map(printable).join("\t"))
    .join("\n");
}
