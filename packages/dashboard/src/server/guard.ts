/**
 * Which requests reach the dashboard at all. These checks keep other pages in the author's browser away. They do not replace
 * the session: programs can send any header, and everything that a forwarder passes on looks local.
 */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** A name that somebody else made resolve to this machine is not ours (DNS rebinding), nor is a second `Host`. */
export function isOurHost({ rawHeaders }: Pick<IncomingMessage, "rawHeaders">, host: string): boolean {
  const hosts = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === "host");
  return hosts.length === 1 && hosts[0] === host;
}

/**
 * Whether a page of another origin may have made the request. Browsers send `Origin` with every request that changes something, and
 * `Sec-Fetch-Site` with every request. Another port of this host is `same-site`, and not ours.
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

/** Whether the request is for something else than a tab's page: a script, a frame, a service worker. Older browsers do not say. */
export function isEmbedded({ headers }: { readonly headers: IncomingHttpHeaders }): boolean {
  const destination = headers["sec-fetch-dest"];
  return destination !== undefined && destination !== "document";
}
