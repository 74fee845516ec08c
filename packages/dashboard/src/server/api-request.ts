/**
 * Checks the requests of the page. The page holds the token, but bugs and unusual requests still need a clear error.
 */
import type { Header, NamedRequest, OpenRequest, SavedRequest, SendRequest, WrittenTest } from "../api.ts";

import { mask } from "../mask.ts";
import { ApiError } from "./api-answer.ts";

/** @throws ApiError that names the field. */
export function readSendRequest(value: unknown): SendRequest {
  const { target, method, headers, fields, body, isSigned, secrets } = fieldsOf(value);
  if (typeof target !== "string") throw invalid("target", "a path with an optional query");
  if (typeof method !== "string" || !/^[A-Z]{3,10}$/.test(method))
    throw invalid("method", "an HTTP method in capital letters");
  if (headers !== undefined && !isPairs(headers)) throw invalid("headers", "a list of [name, value] pairs");
  if (fields !== undefined && !isPairs(fields)) throw invalid("fields", "a list of [name, value] pairs");
  if (body !== undefined && typeof body !== "string") throw invalid("body", "a string");
  if (typeof isSigned !== "boolean") throw invalid("isSigned", "true or false");
  const from = secrets === undefined ? undefined : fieldsOf(secrets)["from"];
  if (from !== undefined && typeof from !== "string") throw invalid("secrets", "an object with the id of an exchange");
  const shown = (text: string): string => (secrets === undefined ? text : text.replaceAll(mask, ""));
  checkCharacters({
    target: shown(target),
    ...(headers && { headers: headers.map(([name, text]) => [name, shown(text)]) }),
  });
  return {
    target,
    method,
    isSigned,
    ...(headers !== undefined && { headers }),
    ...(fields !== undefined && { fields }),
    ...(body !== undefined && { body }),
    ...(secrets !== undefined && { secrets: from === undefined ? {} : { from } }),
  };
}

/** @throws ApiError if HTTP does not allow the target or a header. */
export function checkCharacters({ target, headers }: Pick<SendRequest, "target" | "headers">): void {
  if (!/^\/[!-~\u0080-\u00ff]*$/.test(target) || /[#\\]/.test(target))
    throw invalid("target", "a path with an optional query. Encode all other characters");
  for (const [name, text] of headers ?? []) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name))
      throw invalid("headers", `a list of valid header names. Invalid name: ${JSON.stringify(name)}`);
    // oxlint-disable-next-line no-control-regex -- it looks for control characters
    if (/[\u0000-\u0008\u000a-\u001f\u007f]|[^\u0000-\u00ff]/.test(text))
      throw invalid("headers", `a list of valid header values. Invalid value for ${name}`);
  }
}

const formats: readonly unknown[] = ["form", "json-fields", "json", "text"] satisfies SavedRequest["format"][];

/** @throws ApiError that names the field. */
export function readSavedRequest(value: unknown): SavedRequest {
  const { kind, target, method, format, fields, body, headers, isSigned } = fieldsOf(value);
  for (const [name, text] of Object.entries({ kind, target, method, body }))
    if (typeof text !== "string") throw invalid(name, "a string");
  if (!formats.includes(format)) throw invalid("format", `one of ${formats.join(", ")}`);
  if (!isPairs(fields)) throw invalid("fields", "a list of [name, value] pairs");
  if (!isPairs(headers)) throw invalid("headers", "a list of [name, value] pairs");
  if (isSigned !== undefined && typeof isSigned !== "boolean") throw invalid("isSigned", "true or false");
  const request = { kind, target, method, format, fields, body, headers } as SavedRequest;
  return isSigned === undefined ? request : { ...request, isSigned };
}

const maxNameLength = 80;

/** @throws ApiError that names the field. */
export function readNamedRequest(value: unknown): NamedRequest {
  const { name } = fieldsOf(value);
  if (typeof name !== "string" || name.trim() === "" || name.length > maxNameLength)
    throw invalid("name", `a text of 1 to ${maxNameLength} characters`);
  return { name: name.trim(), ...readSavedRequest(value) };
}

/** @param text a name in a path. @throws ApiError if its escapes are invalid. */
export function readName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid("name", "encoded as in a URL");
  }
}

/** @throws ApiError that names the field. */
export function readProof(value: unknown): string {
  const { proof } = fieldsOf(value);
  if (typeof proof !== "string") throw invalid("proof", "a string");
  return proof;
}

/** @throws ApiError that names the field. */
export function readOpenRequest(value: unknown): OpenRequest {
  const { file, line } = fieldsOf(value);
  if (typeof file !== "string" || file === "" || file.includes("\0"))
    throw invalid("file", "the path of a file in the project");
  if (line !== undefined && !(Number.isSafeInteger(line) && (line as number) > 0))
    throw invalid("line", "a line number from 1");
  return { file, ...(line !== undefined && { line: line as number }) };
}

/** @throws ApiError that names the field. */
export function readWrittenTest(value: unknown): WrittenTest {
  const { name, text } = fieldsOf(value);
  if (typeof name !== "string") throw invalid("name", "the name of a file");
  if (typeof text !== "string") throw invalid("text", "a string");
  return { name, text };
}

/** @returns a time in milliseconds since 1970, or undefined if there is none. @throws ApiError that names the field. */
export function readUntil(query: URLSearchParams): number | undefined {
  const until = query.get("until");
  if (until === null) return undefined;
  if (!/^\d{1,15}$/.test(until)) throw invalid("until", "a time in milliseconds since 1970");
  return Number(until);
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null)
    throw new ApiError(400, "request-invalid", "The body must be an object.");
  return value as Record<string, unknown>;
}

function isPairs(value: unknown): value is Header[] {
  const isPair = (pair: unknown): boolean =>
    Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === "string");
  return Array.isArray(value) && value.length <= 1_000 && value.every(isPair);
}

function invalid(name: string, wanted: string): ApiError {
  return new ApiError(400, "request-invalid", `"${name}" must be ${wanted}.`);
}
