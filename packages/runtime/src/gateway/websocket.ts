/** Requests for a WebSocket. A function takes one request and gives one reply, so there is nothing that could take it. */
import type { IncomingMessage } from "node:http";
import type { Exchange } from "./exchange.ts";
import { refuse } from "./refusal.ts";

/**
 * Whether the request asks for a WebSocket. HTTP/1.0 and a missing `Connection: upgrade` do not matter: proxies that are not
 * set up for WebSockets change both, and the client still expects one.
 */
export function asksForWebSocket(request: IncomingMessage): boolean {
  const { upgrade } = request.headers;
  return upgrade !== undefined && upgrade.split(",").some((protocol) => /^websocket(?:\/|$)/i.test(protocol.trim()));
}

const hint = {
  text: "Functions and assets cannot take WebSockets: each request has one reply. Serve WebSockets, such as those of Media Streams and ConversationRelay, from another server.",
};

/** @param hasHints whether the author reads what is logged. */
export function refuseWebSocket(exchange: Exchange, hasHints: boolean): void {
  // A 426 must name the protocol to use instead (RFC 9110 §15.5.22).
  refuse(exchange, "websocket-unsupported", { upgrade: "HTTP/1.1", closes: true, ...(hasHints && { hints: [hint] }) });
}
