/**
 * Who may reach the dashboard: a browser on this machine that was sent here by its user. It shows requests and can send
 * some, so a page of another site, a neighbour in the network and whoever comes through a tunnel must not.
 */
import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** Whatever is under it is the dashboard's, for those whom it concerns. */
export const prefix = "/_offhook/";

/** For all others there is no dashboard: what they ask for is the project's to answer. */
export function concerns(request: IncomingMessage): boolean {
  const { url = "", rawHeaders } = request;
  if (!url.startsWith(prefix) && url.split("?", 1)[0] !== prefix.slice(0, -1)) return false;
  // Of two hosts only one would be looked at.
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host");
  return hosts.length === 1 && isLocal(callerOf(request));
}

export function callerOf({ socket, method = "GET", headers }: IncomingMessage): Caller {
  return { address: socket.remoteAddress, method, headers };
}

export interface Caller {
  /** Of the connection. */
  readonly address: string | undefined;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Whether the request comes from this machine and means it.
 *
 * A tunnel's program runs here as well, so the address says little: what came through one has the tunnel's name as its host, or
 * says where it came from. A name that somebody made lead to 127.0.0.1 is not one of ours.
 */
export function isLocal({ address, headers }: Caller): boolean {
  return isLoopback(address) && isLocalHost(headers.host) && !Object.keys(headers).some(isForwarding);
}

/**
 * Whether a request may have been made by a page that is not ours. Browsers say so with every request that changes something,
 * and newer ones with every request.
 */
export function isForeign({ method, headers }: Caller): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && !(site === "none" && method === "GET")) return true;
  const { origin } = headers;
  return origin !== undefined && origin !== `http://${headers.host}`;
}

export function isToken(given: string | undefined, token: string): boolean {
  if (given === undefined) return false;
  const [one, other] = [Buffer.from(given), Buffer.from(token)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function isLoopback(address: string | undefined): boolean {
  const plain = address?.replace(/^::ffff:/i, "");
  return plain === "::1" || /^127\.\d+\.\d+\.\d+$/.test(plain ?? "");
}

function isLocalHost(host: string | undefined): boolean {
  return /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i.test(host ?? "");
}

/** What proxies and tunnels add. */
function isForwarding(name: string): boolean {
  return /^(?:forwarded|via|x-forwarded-|x-real-ip|x-original-|x-client-ip|true-client-ip|cf-|fly-|fastly-|tailscale-|ngrok-)/.test(
    name,
  );
}
