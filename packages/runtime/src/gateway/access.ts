/**
 * Access to resources. Anyone may call public resources. Only callers who sign may call protected ones (contract §8).
 * Nobody may call private ones, which are not in the route table.
 *
 * There are two checks, one before and one after the body is read. A request whose head is already invalid is rejected
 * before its body is read.
 */
import type { IncomingMessage } from "node:http";
import { DecodeError, encodingOf, readContentType } from "../body-text.ts";
import type { Exchange } from "./exchange.ts";
import type { Origin } from "./origin.ts";
import { hasBodyHash, isSignature, isSignatureValid, type SigningAlgorithm } from "./signature.ts";
import { hostOf } from "./target.ts";

export interface AccessOptions {
  /** The account's auth token, the key of most signatures. Undefined if the service has none. */
  readonly authToken: string | undefined;
  /** The secret of the shared key that Twilio may sign with instead. Undefined if the service has none. */
  readonly sharedKeySecret: string | undefined;
  /** Status for a missing or wrong signature. The sources mention both (contract §1.5, C1). */
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

/** Checks the head of a request for a protected resource. @returns the reason to reject it, if there is one. */
export function precheckSignature(request: IncomingMessage, options: AccessOptions): AccessError | undefined {
  const key = signingKeyOf(request, options);
  if (typeof key === "string") return key;
  return isSignature(request.headers["x-twilio-signature"], key.algorithm) ? undefined : "signature-invalid";
}

/** Checks head and body together. This is the only place where the gateway parses a body. */
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

export interface SigningKey {
  readonly secret: string;
  readonly algorithm: SigningAlgorithm;
}

const algorithms: Readonly<Record<string, SigningAlgorithm>> = { HMAC_SHA1: "sha1", HMAC_SHA256: "sha256" };

/**
 * Twilio signs with the account's auth token, or with a shared key. For a shared key, it adds a header:
 * `key=webhooks_sharedkey_…,algorithm=HMAC_SHA256`. The key's name is not needed, because a service has only one.
 */
export function signingKeyOf(
  request: Pick<IncomingMessage, "headers">,
  options: Pick<AccessOptions, "authToken" | "sharedKeySecret">,
): SigningKey | AccessError {
  const settings = request.headers["x-twilio-webhooks-signature-settings"]?.toString() ?? "";
  if (settings === "")
    return options.authToken ? { secret: options.authToken, algorithm: "sha1" } : "auth-token-missing";
  if (!options.sharedKeySecret) return "shared-key-missing";
  const name = algorithmIn(settings);
  if (!Object.hasOwn(algorithms, name)) return "signature-algorithm-unsupported";
  return { secret: options.sharedKeySecret, algorithm: algorithms[name] ?? "sha1" };
}

/** The first algorithm in the header. Without one it is HMAC_SHA1. */
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
