/**
 * Twilio's request signature (contract §8, rows 128 to 135): HMAC-SHA1, keyed with the account's auth token, over
 * the URL as it was called and, for a form, its parameters sorted by name. Base64.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { stringify } from "node:querystring";
import { parseForm } from "../form.ts";
import { authority, defaultPort, type Base } from "./origin.ts";

/** Twilio sends a few dozen. Sorting and hashing more would be work that a stranger can order for free. */
const parameterLimit = 1_000;

export interface SignedRequest {
  readonly base: Base;
  /** Path and query, as they stand in the request line. */
  readonly target: string;
  /** Media type in lower case, without parameters; empty if none was sent. */
  readonly mediaType: string;
  readonly body: Uint8Array;
  /** Whether a signature of the URL alone will do for a body that is no form. */
  readonly mayBeUnsigned: boolean;
}

/** Whether it can be a signature at all: 20 bytes in Base64. Asked before a body is read. */
export function isSignature(value: string | string[] | undefined): value is string {
  return typeof value === "string" && value.length === 28 && /^[A-Za-z0-9+/]{27}=$/.test(value);
}

/** Whether the signature is that of the request, in one of the spellings of its URL that Twilio's senders have used. */
export function isSignatureValid(signature: string, request: SignedRequest, authToken: string): boolean {
  const parameters = signedParameters(request);
  if (parameters === undefined) return false;
  const given = Buffer.from(signature, "latin1");
  for (const url of urlSpellings(request.base, request.target)) {
    const expected = Buffer.from(signatureOf(authToken, url, parameters), "latin1");
    if (timingSafeEqual(given, expected)) return true;
  }
  return false;
}

/** The signature of a URL and of parameters already joined. */
export function signatureOf(authToken: string, url: string, parameters = ""): string {
  return createHmac("sha1", authToken).update(url).update(parameters).digest("base64");
}

/**
 * Signs as Twilio would: a form with its parameters, any other body by its hash, which becomes a parameter of the URL.
 * @param url as it is to be called, under the address that the server knows as its own.
 * @returns undefined for a form with more parameters than are checked.
 */
export function signRequest(
  { url, mediaType, body }: { url: string; mediaType: string; body: Uint8Array },
  authToken: string,
): { url: string; signature: string } | undefined {
  if (body.length === 0) return { url, signature: signatureOf(authToken, url) };
  if (mediaType === "application/x-www-form-urlencoded") {
    const parameters = joinedParameters(body);
    return parameters === undefined ? undefined : { url, signature: signatureOf(authToken, url, parameters) };
  }
  const hash = createHash("sha256").update(body).digest("hex");
  const hashed = `${url}${url.includes("?") ? "&" : "?"}bodySHA256=${hash}`;
  return { url: hashed, signature: signatureOf(authToken, hashed) };
}

/**
 * What is signed besides the URL, or undefined where the body cannot have been signed. Every byte of a body must
 * be covered, by the parameters or by a hash in the URL: otherwise who has seen one signed call could send
 * any body with its signature. Clients that sign by hand, once for a fixed URL, need `mayBeUnsigned`.
 */
function signedParameters(request: SignedRequest): string | undefined {
  const { body, mediaType, target, mayBeUnsigned } = request;
  if (body.length === 0 && !target.includes("bodySHA256=")) return "";
  if (mediaType === "application/x-www-form-urlencoded") return joinedParameters(body);
  const query = target.indexOf("?");
  const hash = query === -1 ? null : new URLSearchParams(target.slice(query)).get("bodySHA256");
  if (hash === null) return body.length === 0 || mayBeUnsigned ? "" : undefined;
  const expected = createHash("sha256").update(body).digest();
  const given = /^[0-9a-f]{64}$/i.test(hash) ? Buffer.from(hash, "hex") : undefined;
  return given !== undefined && timingSafeEqual(given, expected) ? "" : undefined;
}

/** Names and values without separators, sorted by name; the values of a repeated name sorted, each once (row 135). */
function joinedParameters(body: Uint8Array): string | undefined {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8");
  if (isOverLimit(text)) return undefined;
  const parameters = parseForm(text);
  let joined = "";
  for (const name of Object.keys(parameters).toSorted()) {
    const value = parameters[name];
    if (!Array.isArray(value)) joined += name + (value ?? "");
    else for (const one of [...new Set(value)].toSorted()) joined += name + one;
  }
  return joined;
}

/** As it stands, with the default port, with none; each also with the query as Node's old encoder writes it. */
function urlSpellings(base: Base, target: string): Set<string> {
  const { scheme, host, port, prefix } = base;
  const authorities = [authority(host, port), host];
  if (port === "") authorities.push(authority(host, defaultPort(scheme)));
  const targets = [target];
  const query = target.indexOf("?");
  if (query !== -1 && !isOverLimit(target)) {
    targets.push(target.slice(0, query + 1) + stringify(parseForm(target.slice(query + 1))));
  }
  const spellings = new Set<string>();
  for (const path of targets) {
    for (const place of authorities) spellings.add(`${scheme}://${place}${prefix}${path}`);
  }
  return spellings;
}

function isOverLimit(text: string): boolean {
  let count = 1;
  for (let at = text.indexOf("&"); at !== -1; at = text.indexOf("&", at + 1)) {
    count += 1;
    if (count > parameterLimit) return true;
  }
  return false;
}
