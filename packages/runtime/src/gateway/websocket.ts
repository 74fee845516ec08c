/** Requests for a WebSocket. A function gets one request and sends one reply, so it cannot serve one. */
import type { IncomingMessage } from "node:http";
import type { Exchange } from "./exchange.ts";
import type { Tenant } from "./tenant.ts";
import { refuseFor } from "./tenant-refusal.ts";

/**
 * Whether the request asks for a WebSocket. It may use HTTP/1.0 or lack `Connection: upgrade`: proxies that are not
 * configured for WebSockets change both, and the client still expects one.
 */
export function asksForWebSocket(request: IncomingMessage): boolean {
  const { upgrade } = request.headers;
  return upgrade !== undefined && upgrade.split(",").some((protocol) => /^websocket(?:\/|$)/i.test(protocol.trim()));
}

export function refuseWebSocket(exchange: Exchange, tenant: Tenant): void {
  const code = "websocket-unsupported";
  const hints = tenant.development?.hintsOfRefusal(code, exchange.path);
  // A 426 must name the protocol to use instead (RFC 9110 §15.5.22).
  refuseFor(exchange, tenant, code, { upgrade: "HTTP/1.1", closes: true, hints });
}
