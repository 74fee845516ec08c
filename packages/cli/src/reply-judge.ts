/**
 * Judges a reply as it was sent: decodes the fields of the request and the text of the reply.
 */
import { isUtf8 } from "node:buffer";

import { replyProblems, type ReplyProblem } from "@offhook/phone/reply-problems";

export interface SentReply {
  readonly request: {
    readonly method: string;
    /** Path and query. */
    readonly target: string;
    readonly headers: readonly Header[];
    readonly body: Uint8Array;
  };
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

type Header = readonly [name: string, value: string];

/** More than any webhook or TwiML document has. A longer reply is judged by its length. */
const maxBytes = 100_000;
const maxProblems = 20;
const maxTextLength = 500;

/**
 * @param mask makes a function that hides secrets, also those of the request with these fields.
 * @returns the most serious problem first.
 */
export function judgeReply(
  { request, status, headers, body }: SentReply,
  mask: (fields: Readonly<Record<string, string>>) => (text: string) => string = () => (text) => text,
): ReplyProblem[] {
  // Twilio unpacks a compressed reply. Here, only its status could be judged.
  if (request.method === "HEAD" || isPacked(headers)) return [];
  const fields = fieldsOf(request);
  const isText = isUtf8(body);
  const isCut = body.length > maxBytes;
  const shown = Buffer.from(body.subarray(0, maxBytes));
  const judged = {
    request: { method: request.method, target: request.target, host: valueOf(request.headers, "host"), fields },
    status,
    headers,
    body: {
      bytes: body.length,
      text: shown.toString(isText ? "utf8" : "base64"),
      encoding: isText ? ("utf8" as const) : ("base64" as const),
      isCut,
    },
  };
  return replyProblems(judged, mask(fields))
    .map((problem) => ({ ...problem, text: shortened(problem.text) }))
    .toSorted((one, other) => Number(other.level === "error") - Number(one.level === "error"))
    .slice(0, maxProblems);
}

/** Of the query and of a form. Twilio sends its webhooks in no other way. */
function fieldsOf({ target, headers, body }: SentReply["request"]): Record<string, string> {
  const start = target.indexOf("?");
  const query = start === -1 ? "" : target.slice(start + 1);
  const isForm = valueOf(headers, "content-type").toLowerCase().startsWith("application/x-www-form-urlencoded");
  const form = isForm && body.length <= maxBytes ? Buffer.from(body).toString("utf8") : "";
  return Object.fromEntries([...new URLSearchParams(query), ...new URLSearchParams(form)]);
}

function isPacked(headers: readonly Header[]): boolean {
  return !["", "identity"].includes(valueOf(headers, "content-encoding").trim().toLowerCase());
}

function valueOf(headers: readonly Header[], wanted: string): string {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? "";
}

function shortened(text: string): string {
  return text.length > maxTextLength ? `${text.slice(0, maxTextLength - 1).toWellFormed()}…` : text;
}
