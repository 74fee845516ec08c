/**
 * The target of a request, as in the request line. There is no URL object: it costs more than everything else that the
 * gateway does for a request. It also normalises paths (`/a/../b`), and the route table must get them unchanged.
 */
import type { IncomingMessage } from "node:http";

/**
 * Path and query of any target, beginning with a slash. `http://host/path`, which proxies send, is reduced to its path.
 * A target without a path (`*`) is returned unchanged and matches no route.
 */
export function originFormOf(target: string): string {
  if (target.charCodeAt(0) === 47 /* "/" */) return target;
  const start = authorityStart(target);
  if (start === -1) return target;
  const end = authorityEnd(target, start);
  return target.charCodeAt(end) === 47 ? target.slice(end) : `/${target.slice(end)}`;
}

/**
 * The host in the request, with its port. Empty if there is none. A host in the target beats the header (RFC 9112
 * §3.2.2).
 */
export function hostOf(request: IncomingMessage): string {
  const target = request.url ?? "";
  if (target.charCodeAt(0) !== 47) {
    const start = authorityStart(target);
    if (start !== -1) return target.slice(start, authorityEnd(target, start));
  }
  return request.headers.host ?? "";
}

/**
 * A name or an address, and an optional port (RFC 9112 §3.2). Anything else could be read in two ways, as attackers
 * want.
 */
export function isHost(host: string): boolean {
  return /^(?:[\w.~%-]+|\[[\w.:~%-]+\])(?::\d*)?$/.test(host);
}

/** The name that identifies a service: lower case, without port and without a dot at the end. */
export function hostNameOf(host: string): string {
  return host.replace(/\.?(?::\d*)?$/, "").toLowerCase();
}

function authorityStart(target: string): number {
  if (target.startsWith("http://")) return 7;
  return target.startsWith("https://") ? 8 : -1;
}

function authorityEnd(target: string, start: number): number {
  const slash = target.indexOf("/", start);
  const query = target.indexOf("?", start);
  const end = slash === -1 || (query !== -1 && query < slash) ? query : slash;
  return end === -1 ? target.length : end;
}
