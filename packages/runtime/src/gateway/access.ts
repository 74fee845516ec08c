/**
 * Who may call: public resources anyone, protected ones only a caller who signs (contract §8), private ones nobody (they
 * are not in the route table).
 *
 * In two steps around the reading of the body: what the head alone rules out is refused without reading it.
 */
import type { IncomingMessage } from "node:http";
import { DecodeError, encodingOf, readContentType } from "../body-text.ts";
import type { Exchange } from "./exchange.ts";
import type { Origin } from "./origin.ts";
import { hasBodyHash, isSignature, isSignatureValid, type SigningAlgorithm } from "./signature.ts";
import { hostOf } from "./target.ts";

export interface AccessOptions {
  /** The account's auth token, the key of most signatures; undefined if the service has none. */
  readonly authToken: string | undefined;
  /** The secret of the shared key that Twilio may sign with instead; undefined if the service has none. */
  readonly sharedKeySecret: string | undefined;
  /** Status for a missing or wrong signature. The sources say both (contract §1.5, C1). */
  readonly failureStatus: 403 | 400;
  /** Accept a signature of the URL alone for a body that is not a form. */
  readonly allowsUnsignedBodies: boolean;
}

export type AccessError =
  | "signature-invalid"
  | "auth-token-missing"
  | "shared-key-missing"
  | "signature-algorithm-unsupported"
  | "body-charset-unsupported";

/** What the head alone tells against the caller of a protected resource, if anything. */
export function precheckSignature(request: IncomingMessage, options: AccessOptions): AccessError | undefined {
  const key = signingKeyOf(request, options);
  if (typeof key === "string") return key;
  return isSignature(request.headers["x-twilio-signature"], key.algorithm) ? undefined : "signature-invalid";
}

/** What head and body together tell against the caller. The only place where the gateway looks into a body. */
export function checkSignature(exchange: Exchange, options: AccessOptions, origin: Origin): AccessError | undefined {
  const { request, body } = exchange;
  const { allowsUnsignedBodies: mayBeUnsigned } = options;
  const signature = request.headers["x-twilio-signature"];
  const key = signingKeyOf(request, options);
  if (typeof key === "string") return key;
  const base = origin.baseOf(request, hostOf(request));
  if (base === undefined || !isSignature(signature, key.algorithm)) return "signature-invalid";
  const { mediaType, charset } = readContentType(request.headers["content-type"]);
  // A hash covers the bytes. Only the parameters of a form are signed as text.
  const isSignedAsText = mediaType === "application/x-www-form-urlencoded" && !hasBodyHash(exchange.target);
  if (isSignedAsText && !isDecodable(body, charset)) return "body-charset-unsupported";
  const signed = { base, target: exchange.target, mediaType, charset, body, mayBeUnsigned };
  return isSignatureValid(signature, signed, key.secret, key.algorithm) ? undefined : "signature-invalid";
}

interface SigningKey {
  readonly secret: string;
  readonly algorithm: SigningAlgorithm;
}

const algorithms: Readonly<Record<string, SigningAlgorithm>> = { HMAC_SHA1: "sha1", HMAC_SHA256: "sha256" };

/**
 * Twilio signs with the account's auth token, or with a shared key: then it says so in a header,
 * `key=webhooks_sharedkey_…,algorithm=HMAC_SHA256`. The key's name is not needed, the service has one.
 */
function signingKeyOf(request: IncomingMessage, options: AccessOptions): SigningKey | AccessError {
  const settings = request.headers["x-twilio-webhooks-signature-settings"]?.toString() ?? "";
  if (settings === "")
    return options.authToken ? { secret: options.authToken, algorithm: "sha1" } : "auth-token-missing";
  if (!options.sharedKeySecret) return "shared-key-missing";
  const name = algorithmIn(settings);
  if (!Object.hasOwn(algorithms, name)) return "signature-algorithm-unsupported";
  return { secret: options.sharedKeySecret, algorithm: algorithms[name] ?? "sha1" };
}

/** The first that is named; without one it is HMAC_SHA1. */
function algorithmIn(settings: string): string {
  for (const part of settings.split(",")) {
    const [name = "", ...value] = part.split("=");
    const algorithm = value.join("=").trim();
    if (name.trim() === "algorithm" && algorithm !== "") return algorithm.toUpperCase();
  }
  return "HMAC_SHA1";
}

function isDecodable(body: Uint8Array, charset: string): boolean {
  if (body.length === 0 || charset === "") return true;
  try {
    encodingOf(Buffer.from(body.buffer, body.byteOffset, body.byteLength), charset);
    return true;
  } catch (error) {
    if (error instanceof DecodeError) return false;
    throw error;
  }
}
