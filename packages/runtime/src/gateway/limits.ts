/** Limits on a request's size that can be checked with its head (contract §1.6, rows 26, 27 and 29). */
import type { IncomingMessage } from "node:http";

/** `Infinity` lifts a limit. */
export interface RequestLimits {
  /** Bytes of the body and of all header names and values together. */
  readonly requestBytes: number;
  /** Bytes of all header names and values, cookies included. */
  readonly headerBytes: number;
  /** Number of header lines. */
  readonly headerCount: number;
}

/**
 * Bytes of all header names and values, or -1 if the request has two Host headers, because proxies may use the other
 * one.
 */
export function measureHeaders(rawHeaders: readonly string[]): number {
  let bytes = 0;
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    // Node reads headers as Latin-1, so a character is a byte.
    bytes += name.length + (rawHeaders[index + 1] as string).length;
    if (name.length === 4 && name.toLowerCase() === "host") hosts += 1;
  }
  return hosts > 1 ? -1 : bytes;
}

/** The length of the body that the head announces. 0 without a body, `Infinity` for a chunked body. */
export function announcedBodyBytes(request: IncomingMessage): number {
  const { headers } = request;
  if (headers["transfer-encoding"] !== undefined) return Infinity;
  const length = headers["content-length"];
  return length === undefined ? 0 : Number(length);
}

/**
 * The reason why it is in doubt where the request ends, although Node's parser accepts it. A proxy in front may read it
 * differently, and the bytes behind it could become a request in another client's name (RFC 9112 §6.1).
 */
export function framingDoubt(request: IncomingMessage): string | undefined {
  if (request.httpVersionMajor !== 1) return `HTTP/${request.httpVersion}`;
  const coding = request.headers["transfer-encoding"];
  if (coding === undefined) return undefined;
  if (request.httpVersionMinor === 0) return "Transfer-Encoding in HTTP/1.0";
  return coding.toLowerCase() === "chunked" ? undefined : `Transfer-Encoding: ${coding}`;
}
