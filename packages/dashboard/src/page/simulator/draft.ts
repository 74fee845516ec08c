/** A request that the user is editing: the fields of the form, and the request to send. */
import type { FunctionInfo, Header, SendRequest, Simulation } from "../../api.ts";
import { hasMask } from "../../mask.ts";

export interface Draft {
  /** The kind of a simulation, or `plain`. */
  readonly kind: string;
  /** Path and query. */
  readonly target: string;
  readonly method: string;
  /** `json-fields` is sent as JSON. `json` and `text` are written by hand. */
  readonly format: "form" | "json-fields" | "json" | "text";
  readonly fields: readonly DraftField[];
  /** Only if the format is `json` or `text`. */
  readonly body: string;
  readonly headers: readonly Header[];
  /** Undefined until the user chooses. The request is then signed if its function is protected. */
  readonly isSigned: boolean | undefined;
  /** Parts of an earlier request that could not be copied. */
  readonly remarks: readonly string[];
  /** Undefined for a new request. */
  readonly source: DraftSource | undefined;
}

/** The earlier request from which a draft was made. */
export interface DraftSource {
  /** Of its exchange. */
  readonly id: string;
  /** Whether the server can put its secrets back. */
  readonly keepsSecrets: boolean;
  /** The body, and how the editor showed it at first. */
  readonly body: string;
  readonly shownBody: string;
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
    source: undefined,
  };
}

export function simulationDraft(simulation: Simulation, target: string): Draft {
  return {
    ...plainDraft(target),
    kind: simulation.kind,
    method: simulation.method,
    format: simulation.format === "json" ? "json-fields" : "form",
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

export function functionOf(target: string, functions: readonly FunctionInfo[]): FunctionInfo | undefined {
  const path = target.split(/[?#]/)[0];
  return functions.find((each) => each.path === path);
}

export function isDraftSigned(draft: Draft, functions: readonly FunctionInfo[]): boolean {
  return draft.isSigned ?? functionOf(draft.target, functions)?.visibility === "protected";
}

export function hasFields({ format }: Pick<Draft, "format">): boolean {
  return format === "form" || format === "json-fields";
}

/** Methods without a body carry their fields in the query. */
export function hasBody(method: string): boolean {
  return method !== "GET" && method !== "HEAD";
}

export function requestOf(draft: Draft, functions: readonly FunctionInfo[]): SendRequest {
  const fields = draft.fields.filter(({ name }) => name !== "").map(({ name, value }) => [name, value] as const);
  const headers = draft.headers.filter(([name]) => name.trim() !== "");
  const { source } = draft;
  const isMasked = source !== undefined || hasMask(JSON.stringify([draft.target, fields, headers, draft.body]));
  const request = {
    method: draft.method,
    isSigned: isDraftSigned(draft, functions),
    ...(isMasked && { secrets: source === undefined ? {} : { from: source.id } }),
  };
  if (!hasBody(draft.method)) {
    const target = hasFields(draft) ? withQuery(draft.target, fields) : draft.target;
    return { ...request, target, ...(headers.length > 0 && { headers }) };
  }
  if (draft.format === "form") {
    return { ...request, target: draft.target, fields, ...(headers.length > 0 && { headers }) };
  }
  const isJson = draft.format !== "text";
  const written = draft.body === source?.shownBody ? source.body : draft.body;
  const body = draft.format === "json-fields" ? JSON.stringify(Object.fromEntries(fields)) : written;
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
