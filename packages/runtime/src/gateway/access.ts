/**
 * Who may call: public resources anyone, protected ones only who signs (contract §8), private ones nobody (they
 * are not in the route table).
 *
 * In two steps around the reading of the body: what the head alone shows to be hopeless is refused without it.
 */
import type { IncomingMessage } from "node:http";
import type { Exchange } from "./exchange.ts";
import type { Origin } from "./origin.ts";
import { isSignature, isSignatureValid } from "./signature.ts";
import { hostOf } from "./target.ts";

export interface AccessOptions {
  /** The account's auth token, the key of every signature; undefined if the service has none. */
  readonly authToken: string | undefined;
  /** Status for a missing or wrong signature. The sources say both (contract §1.5, C1). */
  readonly failureStatus: 403 | 400;
  /** Accept a signature of the URL alone for a body that is no form. */
  readonly allowsUnsignedBodies: boolean;
}

export type AccessError = "signature-invalid" | "auth-token-missing";

/** What the head alone tells against the caller of a protected resource, if anything. */
export function precheckSignature(request: IncomingMessage, options: AccessOptions): AccessError | undefined {
  if (options.authToken === undefined || options.authToken === "") return "auth-token-missing";
  return isSignature(request.headers["x-twilio-signature"]) ? undefined : "signature-invalid";
}

/** What head and body together tell against him. The only place where the gateway looks into a body. */
export function checkSignature(
  exchange: Exchange,
  options: AccessOptions,
  origin: Origin,
  body: Uint8Array,
): AccessError | undefined {
  const { request } = exchange;
  const { authToken, allowsUnsignedBodies: mayBeUnsigned } = options;
  const signature = request.headers["x-twilio-signature"];
  if (authToken === undefined || authToken === "") return "auth-token-missing";
  const base = origin.baseOf(request, hostOf(request));
  if (base === undefined || !isSignature(signature)) return "signature-invalid";
  const signed = { base, target: exchange.target, mediaType: mediaTypeOf(request), body, mayBeUnsigned };
  return isSignatureValid(signature, signed, authToken) ? undefined : "signature-invalid";
}

function mediaTypeOf(request: IncomingMessage): string {
  const type = request.headers["content-type"] ?? "";
  const end = type.indexOf(";");
  return (end === -1 ? type : type.slice(0, end)).trim().toLowerCase();
}
