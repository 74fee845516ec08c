import { createHash, createHmac } from "node:crypto";

/** Form parameters of a webhook. A repeated key has several values. */
export type FormParameters = Readonly<Record<string, string | readonly string[]>>;

/**
 * The value of `X-Twilio-Signature` (contract §8): HMAC-SHA1, keyed with the auth token, over the URL exactly
 * as it is called and then every form parameter, sorted by name, as name and value without a separator.
 * Each different value of a repeated key counts once, sorted. JSON and GET requests have no parameters here.
 */
export function sign(authToken: string, url: string, parameters: FormParameters = {}): string {
  let signed = url;
  for (const name of Object.keys(parameters).toSorted()) {
    const value = parameters[name] ?? "";
    const values = typeof value === "string" ? [value] : [...new Set(value)].toSorted();
    for (const one of values) signed += name + one;
  }
  return createHmac("sha1", authToken).update(signed, "utf8").digest("base64");
}

/** The path of a signed JSON request. The body's hash in the query covers the body. */
export function withBodyHash(path: string, body: string): string {
  const hash = createHash("sha256").update(body, "utf8").digest("hex");
  return `${path}${path.includes("?") ? "&" : "?"}bodySHA256=${hash}`;
}

/** `application/x-www-form-urlencoded`, with repeated keys in the given order. */
export function encodeForm(parameters: FormParameters): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of typeof value === "string" ? [value] : value) form.append(name, one);
  }
  return form.toString();
}
