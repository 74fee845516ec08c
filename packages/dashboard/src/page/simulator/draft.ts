/** A request that the user is editing: the fields of the form, and the request to send. */
import type { Exchange, FunctionInfo, Header, SendRequest, Simulation } from "../../api.ts";
import { formFields, mediaType } from "../body-kind.ts";

export interface Draft {
  /** The kind of a simulation, or `plain`. */
  readonly kind: string;
  /** Path and query. */
  readonly target: string;
  readonly method: string;
  readonly format: "form" | "json" | "raw";
  readonly fields: readonly DraftField[];
  /** Only if the format is `raw`. */
  readonly body: string;
  readonly headers: readonly Header[];
  /** Undefined until the user chooses. The request is then signed if its function is protected. */
  readonly isSigned: boolean | undefined;
  /** Parts of an earlier request that could not be copied. */
  readonly remarks: readonly string[];
}

export interface DraftField {
  readonly name: string;
  readonly value: string;
  readonly isMain: boolean;
  /** The user added the field, so its name can be changed. */
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

/** The function whose name fits best: `/sms` for `sms`, `/voice/status` for `status`. */
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

/** Headers that belong to the connection, or that are computed when the request is sent. */
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
  if (secrets.length > 0) remarks.push(`Headers with masked secrets were left out: ${secrets.join(", ")}.`);
  if (request.body.isCut) remarks.push("The body was too long to keep. Only its beginning is shown.");
  const isBinary = request.body.encoding === "base64";
  if (isBinary) remarks.push("The body is not text, so it was left out. Replay sends it unchanged.");
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

/** Methods without a body carry their fields in the query. */
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

/** Whether both drafts have the same content. Their objects may differ. */
export function isSameDraft(one: Draft, other: Draft): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/** @returns why the request cannot be sent, or undefined. */
export function faultOf(draft: Draft): string | undefined {
  if (!draft.target.startsWith("/")) return "The path must start with a slash.";
  if (/\s/.test(draft.target)) return "The path must not contain spaces. Write %20 instead.";
  if (!/^[A-Za-z]+$/.test(draft.method)) return "The method must be a single word, such as POST.";
  const badHeader = draft.headers.find(([name]) => name !== "" && !/^[\w!#$%&'*+.^`|~-]+$/.test(name.trim()));
  return badHeader === undefined ? undefined : `Invalid header name: "${badHeader[0]}".`;
}

function withQuery(target: string, fields: readonly (readonly [string, string])[]): string {
  if (fields.length === 0) return target;
  const query = new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString();
  return `${target}${target.includes("?") ? "&" : "?"}${query}`;
}
