/**
 * The target of a request, as it stands in the request line. No URL object: it costs more than everything
 * else the gateway does for a request, and it normalises (`/a/../b`), which the route table must never see.
 */
import type { IncomingMessage } from "node:http";

/**
 * Path and query of any target, beginning with a slash. `http://host/path`, which proxies send, is reduced
 * to its path; what is no path at all (`*`) comes back as it is and matches no route.
 */
export function originFormOf(target: string): string {
  if (target.charCodeAt(0) === 47 /* "/" */) return target;
  const start = authorityStart(target);
  if (start === -1) return target;
  const end = authorityEnd(target, start);
  return target.charCodeAt(end) === 47 ? target.slice(end) : `/${target.slice(end)}`;
}

/** The host the caller asked for, with its port; empty if he named none. The target's own goes before the header's (RFC 9112 §3.2.2). */
export function hostOf(request: IncomingMessage): string {
  const target = request.url ?? "";
  if (target.charCodeAt(0) !== 47) {
    const start = authorityStart(target);
    if (start !== -1) return target.slice(start, authorityEnd(target, start));
  }
  return request.headers.host ?? "";
}

/** A name or an address, and perhaps a port (RFC 9112 §3.2). What else stands there is meant to be read in two ways. */
export function isHost(host: string): boolean {
  return /^(?:[\w.~%-]+|\[[\w.:~%-]+\])(?::\d*)?$/.test(host);
}

/** The name by which services are told apart: lower case, without port and without the dot at the end. */
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
