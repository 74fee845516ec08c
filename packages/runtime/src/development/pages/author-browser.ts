/**
 * Recognises the author's own browser. Pages for the author quote code and data. Callers through a tunnel, and other
 * machines, must not get them.
 */
import type { IncomingMessage } from "node:http";
import { isLoopback } from "../../host-address.ts";
import { hostNameOf, hostOf } from "../../gateway/target.ts";

/** Tunnels and proxies add one of these. */
const forwardingHeader = /^(?:x-forwarded-.*|forwarded|via|x-real-ip|x-original-.*|true-client-ip|cf-.*|ngrok-.*)$/;

type Request = Pick<IncomingMessage, "headers" | "method" | "url"> & {
  readonly socket: Pick<IncomingMessage["socket"], "remoteAddress">;
};

/**
 * Whether a program on this machine called the server by a name of this machine. Other sites cannot make their own name
 * lead here (DNS rebinding), because the name is checked too.
 */
export function isFromThisMachine(request: Request): boolean {
  if (!isLoopback(request.socket.remoteAddress ?? "")) return false;
  const name = hostNameOf(hostOf(request as IncomingMessage)).replace(/^\[(.*)\]$/, "$1");
  if (name !== "localhost" && !name.endsWith(".localhost") && !isLoopback(name)) return false;
  return !Object.keys(request.headers).some((header) => forwardingHeader.test(header));
}

/** Whether the reply fills a tab. Browsers without `Sec-Fetch-*` are recognised by `Accept` alone. */
export function wantsPage({ headers, method }: Request): boolean {
  if (method !== "GET" && method !== "POST" && method !== "HEAD") return false;
  const { "sec-fetch-mode": mode = "navigate", "sec-fetch-dest": destination = "document" } = headers;
  return mode === "navigate" && destination === "document" && /\btext\/html\b/.test(headers.accept ?? "");
}

/** Whether a page of this server sent the request by script. Pages of other sites cannot send the header unasked. */
export function isFromOwnPage({ headers }: Request): boolean {
  const { "sec-fetch-site": site = "same-origin", origin, host } = headers;
  return site === "same-origin" && (origin === undefined || origin === `http://${host}`);
}
