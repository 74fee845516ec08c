/**
 * Checks that keep other pages in the author's browser away from the dashboard. They do not replace the session: programs
 * can send any header, and everything that a forwarder passes on looks local.
 */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** Rejects host names that somebody else resolves to this machine (DNS rebinding), and a second `Host` header. */
export function isOurHost({ rawHeaders }: Pick<IncomingMessage, "rawHeaders">, host: string): boolean {
  const hosts = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === "host");
  return hosts.length === 1 && hosts[0] === host;
}

/**
 * Whether a page of another origin may have sent the request. Browsers send `Origin` with every request that changes
 * something, and `Sec-Fetch-Site` with every request. Another port of this host counts as `same-site`, but is not ours.
 */
export function isForeign(
  { method = "GET", headers }: { readonly method?: string | undefined; readonly headers: IncomingHttpHeaders },
  origin: string,
): boolean {
  const site = headers["sec-fetch-site"];
  // `none`: the user typed the URL, or another program opened it.
  const isOpened = site === "none" && (method === "GET" || method === "HEAD");
  if (site !== undefined && site !== "same-origin" && !isOpened) return true;
  return headers.origin !== undefined && headers.origin !== origin;
}

/**
 * Whether the request is for a script, a frame or a service worker, not for a tab's page. Older browsers do not say.
 */
export function isEmbedded({ headers }: { readonly headers: IncomingHttpHeaders }): boolean {
  const destination = headers["sec-fetch-dest"];
  return destination !== undefined && destination !== "document";
}
