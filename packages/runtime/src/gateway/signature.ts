/**
 * Twilio's request signature (contract §8, rows 128 to 135): an HMAC over the URL as it was called and, for a form, its
 * parameters sorted by name. Base64.
 *
 * What the `twilio` package accepts is accepted here, and what it refuses is refused. A property test compares the two.
 * The differences, which are on purpose, are listed in docs/reference/visibility.md.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { parse, stringify } from "node:querystring";
import { DecodeError, readContentType } from "../body-text.ts";
import { parseFormBody } from "../form.ts";
import { authority, defaultPort, type Base } from "./origin.ts";

/** Twilio sends a few dozen. Sorting and hashing more would be work that a stranger can order for free. */
const parameterLimit = 1_000;

const formType = "application/x-www-form-urlencoded";
const hashName = "bodySHA256";

export interface SignedRequest {
  readonly base: Base;
  /** Path and query, as they stand in the request line. */
  readonly target: string;
  /** Media type in lower case, without parameters; empty if none was sent. */
  readonly mediaType: string;
  /** In lower case; absent or empty if none was named. */
  readonly charset?: string;
  readonly body: Uint8Array;
  /** Whether a signature of the URL alone is enough for a body that is not a form. */
  readonly mayBeUnsigned: boolean;
}

/** The hash under the HMAC. Twilio signs with SHA-1 unless a shared key asks for SHA-256. */
export type SigningAlgorithm = "sha1" | "sha256";

/** 20 or 32 bytes in Base64. */
const signaturePatterns = { sha1: /^[A-Za-z0-9+/]{27}=$/, sha256: /^[A-Za-z0-9+/]{43}=$/ };

/** Whether the header can be a signature at all. Checked before the gateway reads the body. */
export function isSignature(
  value: string | string[] | undefined,
  algorithm: SigningAlgorithm = "sha1",
): value is string {
  return typeof value === "string" && signaturePatterns[algorithm].test(value);
}

/** Whether the signature is that of the request, in one of the spellings of its URL that Twilio's senders have used. */
export function isSignatureValid(
  signature: string,
  request: SignedRequest,
  secret: string,
  algorithm: SigningAlgorithm = "sha1",
): boolean {
  const parameters = signedParameters(request);
  if (parameters === undefined) return false;
  const signatureBytes = Buffer.from(signature, "latin1");
  for (const url of new Set(urlSpellings(request.base, request.target))) {
    if (isEqual(signatureBytes, Buffer.from(hmac(algorithm, secret, url + parameters), "latin1"))) return true;
  }
  return false;
}

function hmac(algorithm: SigningAlgorithm, secret: string, text: string): string {
  return createHmac(algorithm, secret).update(text).digest("base64");
}

/** In constant time. The lengths are no secret. */
function isEqual(actual: Uint8Array, expected: Uint8Array): boolean {
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

/**
 * Signs as Twilio would: a form with its parameters, any other body by its hash, which becomes a parameter of the URL.
 * A hash that the URL has already is replaced.
 * @param url as it is to be called, under the address that the server knows as its own.
 * @returns undefined for a form that has no signature: it has more parameters than are checked, or its text cannot be decoded.
 */
export function signRequest(
  { url, contentType, body }: { url: string; contentType: string | undefined; body: Uint8Array },
  authToken: string,
): { url: string; signature: string } | undefined {
  const { mediaType, charset } = readContentType(contentType);
  const bare = withoutBodyHash(url);
  if (body.length === 0) return { url: bare, signature: hmac("sha1", authToken, bare) };
  if (mediaType === formType) {
    const parameters = joinedParameters(body, charset);
    return parameters === undefined ? undefined : { url: bare, signature: hmac("sha1", authToken, bare + parameters) };
  }
  const hashed = `${bare}${bare.includes("?") ? "&" : "?"}${hashName}=${sha256(body)}`;
  return { url: hashed, signature: hmac("sha1", authToken, hashed) };
}

function withoutBodyHash(url: string): string {
  const at = url.indexOf("?");
  if (at === -1 || !url.includes(hashName, at)) return url;
  const kept = url
    .slice(at + 1)
    .split("&")
    .filter((pair) => !pair.startsWith(`${hashName}=`));
  return kept.length === 0 ? url.slice(0, at) : `${url.slice(0, at)}?${kept.join("&")}`;
}

function sha256(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("hex");
}

/**
 * What is signed besides the URL, or undefined where the body cannot have been signed. Every byte of a body must be
 * covered, by the parameters or by a hash in the URL: otherwise somebody who has seen one signed call could send any body
 * with its signature. Clients that sign by hand, once for a fixed URL, need `mayBeUnsigned`.
 */
function signedParameters(request: SignedRequest): string | undefined {
  const { body, mediaType, charset = "", mayBeUnsigned } = request;
  // First, whatever type and method say: they are not signed, so an attacker can choose them.
  if (hasBodyHash(request.target)) return isBodyHash(request) ? "" : undefined;
  if (body.length === 0) return "";
  if (mediaType === formType) return joinedParameters(body, charset);
  return mayBeUnsigned ? "" : undefined;
}

/**
 * Whether the query speaks of a hash, also with escapes: one of the accepted spellings of the URL writes them out, so
 * `body%53HA256` can have been signed as `bodySHA256`.
 */
export function hasBodyHash(target: string): boolean {
  const at = target.indexOf("?");
  if (at === -1) return false;
  return target.includes(hashName, at) || (target.includes("%", at) && reencodeQuery(target, at, 0).includes(hashName));
}

/** Whether the first hash in the query is that of the body, in lower-case hexadecimal. */
function isBodyHash({ base, target, body }: SignedRequest): boolean {
  const promised = URL.parse(urlOf(base, target))?.searchParams.get(hashName) ?? "";
  return isEqual(Buffer.from(promised), Buffer.from(sha256(body)));
}

/** Names and values without separators, sorted by name; the values of a repeated name sorted, each once (row 135). */
function joinedParameters(body: Uint8Array, charset: string): string | undefined {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (isOverLimit(bytes)) return undefined;
  let parameters;
  try {
    parameters = parseFormBody(bytes, charset);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
  let joined = "";
  for (const name of Object.keys(parameters).toSorted()) {
    const value = parameters[name];
    if (!Array.isArray(value)) joined += name + (value ?? "");
    else for (const one of [...new Set(value)].toSorted()) joined += name + one;
  }
  return joined;
}

/**
 * The URL as it was received, as `new URL()` writes it, and that with the query as Node's old encoder writes it; each
 * without a port, and with the one it has or the scheme's.
 */
function* urlSpellings(base: Base, target: string): Generator<string> {
  yield* withAndWithoutPort(base, base.prefix + target);
  const url = URL.parse(urlOf(base, target));
  if (url === null) return;
  // In the text and not in the URL's parts: they do not tell `?` from no query.
  const rest = url.href.slice(url.protocol.length + "//".length + url.host.length);
  const place = { scheme: base.scheme, host: url.hostname, port: url.port };
  yield* withAndWithoutPort(place, rest);
  const at = rest.indexOf("?");
  if (at !== -1 && at !== rest.length - 1 && !isOverLimit(rest)) {
    yield* withAndWithoutPort(place, reencodeQuery(rest, at, parameterLimit));
  }
}

function* withAndWithoutPort({ scheme, host, port }: Omit<Base, "prefix">, rest: string): Generator<string> {
  yield `${scheme}://${host}${rest}`;
  yield `${scheme}://${host}:${port || defaultPort(scheme)}${rest}`;
}

function urlOf({ scheme, host, port, prefix }: Base, target: string): string {
  return `${scheme}://${authority(host, port)}${prefix}${target}`;
}

/** The query decoded and encoded again. @param maxKeys 0 for no limit. */
function reencodeQuery(target: string, queryAt: number, maxKeys: number): string {
  return `${target.slice(0, queryAt)}?${stringify(parse(target.slice(queryAt + 1), "&", "=", { maxKeys }))}`;
}

function isOverLimit(text: string | Buffer): boolean {
  let count = 1;
  for (let at = text.indexOf("&"); at !== -1; at = text.indexOf("&", at + 1)) {
    count += 1;
    if (count > parameterLimit) return true;
  }
  return false;
}
