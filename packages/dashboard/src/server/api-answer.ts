import type { IncomingMessage, ServerResponse } from "node:http";

import type { Header } from "../api.ts";

/** An error that is sent as `{ error: { code, message } }`. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const bodyBytes = 4 * 1_048_576;

/** @throws ApiError if the body is not JSON or too large. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  // A form on another site can send some types without a preflight request, but not this one.
  if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) {
    throw new ApiError(415, "body-malformed", "The content type must be application/json.");
  }
  const body = await readBytes(request, bodyBytes);
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    throw new ApiError(400, "body-malformed", "The body is not valid JSON.");
  }
}

/** @throws ApiError if the body is too large. */
export async function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw new ApiError(413, "request-too-large", "The body is too large.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function answerJson(response: ServerResponse, status: number, value?: unknown): void {
  answer(response, status, "application/json", value === undefined ? "" : JSON.stringify(value), []);
}

export function answer(
  response: ServerResponse,
  status: number,
  type: string,
  content: string | Buffer,
  headers: readonly Header[],
): void {
  const body = Buffer.from(content);
  response.writeHead(status, {
    ...Object.fromEntries(headers),
    "content-type": type,
    "content-length": body.length,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
  });
  response.end(body);
}
