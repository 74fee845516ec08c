/**
 * Twilio's request signature (contract §8, rows 128 to 135), in Base64: an HMAC over the called URL and, for a form,
 * its parameters sorted by name.
 *
 * This file accepts and rejects the same signatures as the `twilio` package. A property test compares the two.
 * docs/reference/visibility.md lists the differences, which are intended.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { parse, stringify } from "node:querystring";
import { DecodeError, readContentType } from "../body-text.ts";
import { parseFormBody } from "../form.ts";
import { authority, defaultPort, type Base } from "./origin.ts";

/** Twilio sends a few dozen. To sort and hash more would be work that strangers can cause for free. */
const parameterLimit = 1_000;

const formType = "application/x-www-form-urlencoded";
const hashName = "bodySHA256";

export interface SignedRequest {
  readonly base: Base;
  /** Path and query, as in the request line. */
  readonly target: string;
  /** Media type in lower case, without parameters. Empty if there is none. */
  readonly mediaType: string;
  /** In lower case. Absent or empty if there is none. */
  readonly charset?: string;
  readonly body: Uint8Array;
  /** Whether a signature of the URL alone is enough for a body that is not a form. */
  readonly mayBeUnsigned: boolean;
}

/** The hash under the HMAC. Twilio signs with SHA-1 unless a shared key asks for SHA-256. */
export type SigningAlgorithm = "sha1" | "sha256";

/** 20 or 32 bytes in Base64. */
const signaturePatterns = { sha1: /^[A-Za-z0-9+/]{27}=$/, sha256: /^[A-Za-z0-9+/]{43}=$/ };

/** Whether the header has the form of a signature. Checked before the gateway reads the body. */
export function isSignature(
  value: string | string[] | undefined,
  algorithm: SigningAlgorithm = "sha1",
): value is string {
  return typeof value === "string" && signaturePatterns[algorithm].test(value);
}

/** Whether the signature matches the request, in one of the spellings of its URL that Twilio's senders use. */
export function isSignatureValid(
  signature: string,
  request: SignedRequest,
  secret: string,
  algorithm: SigningAlgorithm = "sha1",
): boolean {
  const parameters = signedParameters(request);
  return parameters !== undefined && isSignatureOf(signature, { ...request, parameters }, secret, algorithm);
}

/** Whether the signature covers this URL, in one of its spellings, and these parameters. It trusts the parameters. */
export function isSignatureOf(
  signature: string,
  { base, target, parameters }: Pick<SignedRequest, "base" | "target"> & { readonly parameters: string },
  secret: string,
  algorithm: SigningAlgorithm,
): boolean {
  const signatureBytes = Buffer.from(signature, "latin1");
  for (const url of new Set(urlSpellings(base, target))) {
    if (isEqual(signatureBytes, Buffer.from(hmac(algorithm, secret, url + parameters), "latin1"))) return true;
  }
  return false;
}

function hmac(algorithm: SigningAlgorithm, secret: string, text: string): string {
  return createHmac(algorithm, secret).update(text).digest("base64");
}

/** Compares in constant time. The lengths are not secret. */
function isEqual(actual: Uint8Array, expected: Uint8Array): boolean {
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

/**
 * Signs a request as Twilio does: a form with its parameters, any other body by its hash, which becomes a parameter of
 * the URL. It replaces a hash that the URL already has.
 * @param url the URL to call, under the server's own address.
 * @returns undefined for a form that cannot be signed: it has too many parameters, or its text cannot be decoded.
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
 * The signed text after the URL. Undefined if the body cannot have been signed. The parameters, or a hash in the URL,
 * must cover every byte of a body. Otherwise, an attacker who has seen one signed call could send other bodies with its
 * signature. Clients that sign a fixed URL once, by hand, need `mayBeUnsigned`.
 */
export function signedParameters(request: SignedRequest): string | undefined {
  const { body, mediaType, charset = "", mayBeUnsigned } = request;
  // This check comes before type and method, which are not signed: an attacker can choose them.
  if (hasBodyHash(request.target)) return isBodyHash(request) ? "" : undefined;
  if (body.length === 0) return "";
  if (mediaType === formType) return joinedParameters(body, charset);
  return mayBeUnsigned ? "" : undefined;
}

/**
 * Whether the query has the parameter of a hash, also with escapes. One of the accepted spellings of the URL decodes
 * them, so `body%53HA256` can have been signed as `bodySHA256`.
 */
export function hasBodyHash(target: string): boolean {
  const at = target.indexOf("?");
  if (at === -1) return false;
  return target.includes(hashName, at) || (target.includes("%", at) && reencodeQuery(target, at, 0).includes(hashName));
}

/** Whether the first hash in the query is the body's hash, in lower-case hexadecimal. */
function isBodyHash({ base, target, body }: SignedRequest): boolean {
  const promised = URL.parse(urlOf(base, target))?.searchParams.get(hashName) ?? "";
  return isEqual(Buffer.from(promised), Buffer.from(sha256(body)));
}

/**
 * Joins names and values without separators, sorted by name. Values of a repeated name are sorted, each once (row 135).
 */
export function joinedParameters(body: Uint8Array, charset: string): string | undefined {
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
 * Three spellings of the URL: as received, as written by `new URL()`, and the latter with the query as written by
 * Node's old encoder. Each comes without a port, and with its own or the scheme's port.
 */
function* urlSpellings(base: Base, target: string): Generator<string> {
  yield* withAndWithoutPort(base, base.prefix + target);
  const url = URL.parse(urlOf(base, target));
  if (url === null) return;
  // From the text, not from the URL's parts, which do not distinguish an empty query (`?`) from none.
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

export function urlOf({ scheme, host, port, prefix }: Base, target: string): string {
  return `${scheme}://${authority(host, port)}${prefix}${target}`;
}

/** Decodes the query and encodes it again. @param maxKeys 0 for no limit. */
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
