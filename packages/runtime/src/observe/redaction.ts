/**
 * Masks secrets of a request before it is shown to the author of its function. With these secrets, a reader could
 * replay the request or call as another user. This file imports nothing.
 */
const secretHeaders = new Set(["authorization", "cookie", "proxy-authorization", "set-cookie", "x-twilio-signature"]);

const secretName = /token|secret|passw|passphrase|authorization|credential|jwt|api[-_ ]?key|private[-_ ]?key/i;

/** Replaces a secret. */
export const mask = "(not shown)";

/** Judges by the name of a parameter or of a custom header. It masks too many values rather than too few. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}

export function isSecretHeader(name: string): boolean {
  return secretHeaders.has(name.toLowerCase()) || isSecretName(name);
}

/** Shorter values (`1`, `true`, `dev`) are not secret, and they occur everywhere. */
const minSecretLength = 8;
/** For values under a secret name. */
export const minNamedSecretLength = 6;

/** Whether the value of a service's variable must not be shown. */
export function isSecretVariable(name: string, value: string): boolean {
  const minLength = isSecretName(name) ? minNamedSecretLength : minSecretLength;
  return value.length >= minLength && !isPublic(name, value);
}

/** Phone numbers, URLs, and sids of accounts and services. They occur in every request. */
function isPublic(name: string, value: string): boolean {
  return (
    /^(?:AC|MG|ZS|ZE|IS|VA|WW|FW|PN|WS)[0-9a-f]{32}$/.test(value) ||
    /^\+\d+$/.test(value) ||
    // Some URLs end in a secret.
    (/^https?:\/\/[^@?]*$/.test(value) && !isSecretName(name) && !/\/[\w-]{20,}(?:\/|$)/.test(value.slice(8)))
  );
}

/** Returns lines `Name: value`, in the order of the request. @param rawHeaders Node's `rawHeaders`. */
export function redactHeaders(rawHeaders: readonly string[]): string[] {
  const shown: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = "", value = ""] = rawHeaders.slice(index, index + 2);
    shown.push(`${name}: ${isSecretHeader(name) ? mask : value}`);
  }
  return shown;
}

/** A path with its query. @param hidden replaces the values of secrets. */
export function redactTarget(target: string, hidden = mask): string {
  const start = target.indexOf("?");
  return start === -1 ? target : target.slice(0, start + 1) + redactForm(target.slice(start + 1), hidden);
}

/** A query, or the body of a form, as it was sent. */
export function redactForm(text: string, hidden = mask): string {
  return text
    .split("&")
    .map((part) => {
      const end = part.indexOf("=");
      return end !== -1 && isSecretName(decoded(part.slice(0, end))) ? part.slice(0, end + 1) + hidden : part;
    })
    .join("&");
}

/** Returns several lines. Undefined if the text is not JSON, because then secrets in it cannot be found. */
export function redactJson(text: string): string | undefined {
  try {
    const hide = (key: string, value: unknown): unknown => (isSecretName(key) ? mask : value);
    return JSON.stringify(JSON.parse(text), hide, 2);
  } catch {
    return undefined;
  }
}

/** Decodes a name, which may be written as `%74oken`. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
