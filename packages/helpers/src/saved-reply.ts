/**
 * Saves a reply as text, and restores it.
 */
import { isRetryableStatus } from "./failure.ts";
import { isResponse, isTwiml, jsonBody, type ReadableResponse } from "./payload.ts";

/** A payload of a callback that is not a response. */
interface SavedPayload {
  readonly payload: unknown;
}

interface SavedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** A text, or nothing. */
  readonly body?: unknown;
  /** A body that becomes JSON. */
  readonly json?: unknown;
  /** A body of bytes. */
  readonly base64?: string;
}

/**
 * @returns undefined for a reply that must not be repeated: a temporary error, or a payload that JSON cannot represent.
 */
export function saveReply(payload: unknown): string | undefined {
  try {
    if (isResponse(payload)) return saveResponse(payload);
    if (isTwiml(payload)) return save({ status: 200, headers: { "Content-Type": "text/xml" }, body: String(payload) });
    return save({ payload });
  } catch {
    return undefined;
  }
}

function saveResponse({ statusCode = 200, headers = {}, body }: ReadableResponse): string | undefined {
  if (statusCode >= 500 || isRetryableStatus(statusCode)) return undefined;
  const reply = { status: statusCode, headers };
  if (Buffer.isBuffer(body)) return save({ ...reply, base64: body.toString("base64") });
  return save(typeof body === "object" && body !== null ? { ...reply, json: body } : { ...reply, body });
}

function save(reply: SavedPayload | SavedResponse): string {
  return JSON.stringify(reply);
}

/** @param response an empty response. @returns the filled response, or the payload of the callback. */
export function restoreReply(saved: string, response: ReadableResponse): unknown {
  const reply = JSON.parse(saved) as SavedPayload | SavedResponse;
  if (!("status" in reply)) return reply.payload;
  response.setStatusCode(reply.status);
  response.setBody(bodyOf(reply));
  for (const [name, value] of Object.entries(reply.headers)) {
    for (const one of [value].flat()) response.appendHeader(name, one);
  }
  return response;
}

function bodyOf(reply: SavedResponse): unknown {
  if (reply.base64 !== undefined) return Buffer.from(reply.base64, "base64");
  return "json" in reply ? jsonBody(reply.json) : reply.body;
}
