/** A request as it is being made up: what the form shows, and what is sent of it. */
import type { Exchange, FunctionInfo, Header, SendRequest, Simulation } from "../../api.ts";
import { formFields, mediaType } from "../body-kind.ts";

export interface Draft {
  /** Of a simulation, or `plain`. */
  readonly kind: string;
  /** Path and query. */
  readonly target: string;
  readonly method: string;
  readonly format: "form" | "json" | "raw";
  readonly fields: readonly DraftField[];
  /** Where the format is `raw`. */
  readonly body: string;
  readonly headers: readonly Header[];
  /** Undefined as long as nobody has chosen: then protected functions get one. */
  readonly isSigned: boolean | undefined;
  /** What of an earlier request could not be taken over. */
  readonly remarks: readonly string[];
}

export interface DraftField {
  readonly name: string;
  readonly value: string;
  readonly isMain: boolean;
  /** Added by hand: its name can be changed. */
  readonly isOwn: boolean;
}

export const plainKind = "plain";
export const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

export function plainDraft(target: string): Draft {
  return {
    kind: plainKind,
    target,
    method: "GET",
    format: "form",
    fields: [],
    body: "",
    headers: [],
    isSigned: undefined,
    remarks: [],
  };
}

export function simulationDraft(simulation: Simulation, target: string): Draft {
  return {
    ...plainDraft(target),
    kind: simulation.kind,
    method: simulation.method,
    format: simulation.format,
    fields: simulation.fields.map((field) => ({ ...field, isOwn: false })),
  };
}

/** The function that is meant, as far as names tell: `/sms` for `sms`, `/voice/status` for `status`. */
export function likelyTarget(kind: string, functions: readonly FunctionInfo[]): string {
  const paths = functions.flatMap(({ path }) => (path === undefined ? [] : [path]));
  const words = [kind, ...(wordsFor[kind] ?? [])];
  for (const word of words) {
    const found = paths.find((path) => path.toLowerCase().includes(word.toLowerCase()));
    if (found !== undefined) return found;
  }
  return paths[0] ?? "/";
}

const wordsFor: Readonly<Record<string, readonly string[]>> = {
  sms: ["message", "text"],
  call: ["voice", "incoming", "ivr"],
  voice: ["call", "incoming", "ivr"],
  gather: ["menu", "voice", "ivr"],
};

/** What does not belong to the request but to the connection on which it came, or is made anew. */
const ofTheConnection = new Set([
  "host",
  "connection",
  "keep-alive",
  "content-length",
  "transfer-encoding",
  "accept-encoding",
  "expect",
  "upgrade",
  "x-twilio-signature",
]);

const hidden = "•••";

export function draftOfExchange({ method, request }: Exchange): Draft {
  const type = mediaType(request.headers);
  const isForm = type === "application/x-www-form-urlencoded" || (type === "" && request.body.bytes === 0);
  const taken = request.headers.filter(([name]) => !ofTheConnection.has(name.toLowerCase()));
  const secrets = taken.filter(([, value]) => value.includes(hidden)).map(([name]) => name);
  const remarks: string[] = [];
  if (secrets.length > 0) remarks.push(`Left out, since their values are not shown here: ${secrets.join(", ")}.`);
  if (request.body.isCut) remarks.push("The body was too long to be kept whole: this is its beginning.");
  const isBinary = request.body.encoding === "base64";
  if (isBinary) remarks.push("The body is no text and is left out; Replay sends it as it was.");
  return {
    ...plainDraft(request.target),
    method,
    format: isForm ? "form" : "raw",
    fields: isForm
      ? formFields(request.body.text).map(([name, value]) => ({ name, value, isMain: true, isOwn: true }))
      : [],
    body: isForm || isBinary ? "" : request.body.text,
    headers: taken.filter(
      ([name, value]) => !value.includes(hidden) && !(isForm && name.toLowerCase() === "content-type"),
    ),
    remarks,
  };
}

export function functionOf(target: string, functions: readonly FunctionInfo[]): FunctionInfo | undefined {
  const path = target.split(/[?#]/)[0];
  return functions.find((each) => each.path === path);
}

export function isDraftSigned(draft: Draft, functions: readonly FunctionInfo[]): boolean {
  return draft.isSigned ?? functionOf(draft.target, functions)?.visibility === "protected";
}

/** A method without a body has its fields in the query. */
export function hasBody(method: string): boolean {
  return method !== "GET" && method !== "HEAD";
}

export function requestOf(draft: Draft, functions: readonly FunctionInfo[]): SendRequest {
  const fields = draft.fields.filter(({ name }) => name !== "").map(({ name, value }) => [name, value] as const);
  const headers = draft.headers.filter(([name]) => name.trim() !== "");
  const request = { method: draft.method, isSigned: isDraftSigned(draft, functions) };
  if (!hasBody(draft.method)) {
    const target = draft.format === "raw" ? draft.target : withQuery(draft.target, fields);
    return { ...request, target, ...(headers.length > 0 && { headers }) };
  }
  if (draft.format === "form") {
    return { ...request, target: draft.target, fields, ...(headers.length > 0 && { headers }) };
  }
  const isJson = draft.format === "json";
  const body = isJson ? JSON.stringify(Object.fromEntries(fields)) : draft.body;
  const hasType = headers.some(([name]) => name.toLowerCase() === "content-type");
  const typed: readonly Header[] = isJson && !hasType ? [...headers, ["content-type", "application/json"]] : headers;
  return { ...request, target: draft.target, body, ...(typed.length > 0 && { headers: typed }) };
}

/** @returns why it cannot be sent, or undefined. */
export function faultOf(draft: Draft): string | undefined {
  if (!draft.target.startsWith("/")) return "The path begins with a slash.";
  if (/\s/.test(draft.target)) return "A path has no spaces; write %20.";
  if (!/^[A-Za-z]+$/.test(draft.method)) return "The method is one word, as POST.";
  const badHeader = draft.headers.find(([name]) => name !== "" && !/^[\w!#$%&'*+.^`|~-]+$/.test(name.trim()));
  return badHeader === undefined ? undefined : `"${badHeader[0]}" is no name of a header.`;
}

function withQuery(target: string, fields: readonly (readonly [string, string])[]): string {
  if (fields.length === 0) return target;
  const query = new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString();
  return `${target}${target.includes("?") ? "&" : "?"}${query}`;
}
