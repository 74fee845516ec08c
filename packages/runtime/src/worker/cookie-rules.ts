/**
 * The hosted product's rules for cookies that a function sets (contract §6, rows 71–79).
 */

/** The cookie would live longer than the limit. */
export class CookieTooOldError extends Error {}

/**
 * Applies the rules to a `Set-Cookie` value: removes `Domain` (it is the function's host), and adds `HttpOnly` and
 * `Secure`. The rest stays as the author wrote it.
 * @throws CookieTooOldError
 */
export function hardenCookie(setCookie: string, maxAgeSeconds: number): string {
  const [pair = "", ...attributes] = setCookie.split(";").map((part) => part.trim());
  const kept = attributes.filter(
    (attribute) => attribute !== "" && !["domain", "httponly", "secure"].includes(nameOf(attribute)),
  );
  if (ageSecondsOf(kept) > maxAgeSeconds) throw new CookieTooOldError(pair.split("=", 1)[0]);
  return [pair, ...kept, "HttpOnly", "Secure"].join(";");
}

/** `Max-Age` overrides `Expires`. Without either, the cookie ends with the browser's session. */
function ageSecondsOf(attributes: readonly string[]): number {
  const maxAge = attributes.find((attribute) => nameOf(attribute) === "max-age");
  if (maxAge !== undefined) return Number(valueOf(maxAge)) || 0;
  const expires = attributes.find((attribute) => nameOf(attribute) === "expires");
  if (expires === undefined) return 0;
  return (Date.parse(valueOf(expires)) - Date.now()) / 1000 || 0;
}

function nameOf(attribute: string): string {
  return (attribute.split("=", 1)[0] ?? "").trim().toLowerCase();
}

function valueOf(attribute: string): string {
  return attribute.slice(attribute.indexOf("=") + 1).trim();
}
