/**
 * The gateway: an HTTP server in front of services. It routes, checks access and writes; user code never runs
 * here, and bodies pass through unread (only a protected resource's signature needs one parsed).
 *
 * States: new ─listen─▶ listening ─drain─▶ draining ─last reply written─▶ closed.
 * `close` leads from any of them to closed, at once.
 */
import type { Server } from "node:http";
import type { AddressInfo, ListenOptions, Socket } from "node:net";
import { OffhookError } from "../offhook-error.ts";
import { notices } from "../observe/channels.ts";
import { Connections } from "./connections.ts";
import { answerMalformed, dueReply, refuseRaw } from "./malformed.ts";
import type { ResolveTenant } from "./tenant.ts";
import { RequestPath } from "./request-path.ts";
import { Tally } from "./tally.ts";
import { Traffic } from "./traffic.ts";

// An import of the module of this name reads everything that it exports, the WebSocket client too: 35 ms.
const { createServer } = process.getBuiltinModule("node:http");

export interface GatewayOptions {
  readonly resolve: ResolveTenant;
  /** Answered by the gateway itself, for load balancers; false for none. */
  readonly healthPath: string | false;
  /** The most bytes of headers that any tenant allows: the parser must let that much and more through, so that we are the ones who refuse. */
  readonly headerBytes: number;
  /** The most connections at once, `Infinity` for no limit. */
  readonly connectionLimit: number;
  /** Bytes of bodies and replies that may be held at once; `Infinity` for no limit. */
  readonly heldLimitBytes: number;
  readonly timeouts?: Partial<GatewayTimeouts>;
}

export interface GatewayTimeouts {
  /** For a request's head to arrive. */
  readonly headMs: number;
  /** For the whole request to arrive. */
  readonly requestMs: number;
  /** How long an idle connection is kept. */
  readonly keepAliveMs: number;
  /** How long a reply may make no progress before its connection is cut. Nothing of a function's time counts. */
  readonly writeMs: number;
  /** How often a client that has closed its sending half is asked whether it is still there, while its function runs. */
  readonly probeMs: number;
  /** How long a lookup of the tenant may take. */
  readonly resolveMs: number;
}

export interface Gateway {
  /**
   * Where it listens: the port asked for, or the one the system chose for 0.
   * @throws OffhookError `port-in-use`, `address-unavailable`
   */
  listen(host: string, port: number): Promise<GatewayAddress>;
  /**
   * The same on a socket in the file system, which only they can reach who may enter its folder.
   * @param named under which host and port functions are told that they are served.
   * @throws OffhookError `address-unavailable`
   */
  listenOnSocket(socket: string, named: GatewayAddress): Promise<GatewayAddress>;
  /**
   * Accepts no more connections; replies in flight are written and close theirs, and what else arrives is refused
   * with `server-draining`. Resolves when the last reply is out. A request that does
   * not arrive in time is cut, and so is a client that does not read; for functions that run on there is no deadline but `close`.
   */
  drain(): Promise<void>;
  /** Cuts every connection now. */
  close(): Promise<void>;
}

export interface GatewayAddress {
  readonly host: string;
  readonly port: number;
}

/** Load balancers keep idle connections for 60 s: if we were the first to close, they would now and then send into the void. */
const defaultTimeouts: GatewayTimeouts = {
  headMs: 10_000,
  requestMs: 60_000,
  keepAliveMs: 65_000,
  writeMs: 30_000,
  probeMs: 1_000,
  resolveMs: 10_000,
};

/** How far over twice the limit of headers a request may be and still get a full answer; beyond, the parser cuts it off. */
const headerSlackBytes = 8 * 1_024;

/** The parser's limit has to be a number. */
const headerCeilingBytes = 16 * 1_048_576;

export function createGateway(options: GatewayOptions): Gateway {
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const connections = new Connections({
    count: options.connectionLimit,
    heldBytes: options.heldLimitBytes,
    ...timeouts,
  });
  const traffic = new Traffic(connections.held);
  let fallbackDomain = "localhost";

  const server = createServer({
    noDelay: true,
    // Ours to check: the answer shall be the ledger's.
    requireHostHeader: false,
    maxHeaderSize: Math.min(options.headerBytes * 2 + headerSlackBytes, headerCeilingBytes),
    headersTimeout: Math.min(timeouts.headMs, timeouts.requestMs),
    requestTimeout: timeouts.requestMs,
    keepAliveTimeout: timeouts.keepAliveMs,
    connectionsCheckingInterval: Math.max(50, Math.min(2_000, timeouts.headMs / 2)),
  });
  // The number of headers is limited by their bytes here and by the tenant's limit later. Node's own limit would
  // silently drop the rest.
  server.maxHeadersCount = 0;
  // Undocumented, but there since Node 0.x: who closes his sending half after the request (`nc -N`, some proxies)
  // still gets the reply.
  (server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;

  // When a server closes, Node cuts the connections that it takes for idle: also those with a reply that was handed over
  // and is not yet read. `drain` knows better.
  server.closeIdleConnections = () => undefined;

  const path = new RequestPath({
    resolve: options.resolve,
    resolveTimeoutMs: timeouts.resolveMs,
    healthPath: options.healthPath === false ? "" : options.healthPath,
    traffic,
    connections,
    fallbackDomain: () => fallbackDomain,
  });
  server.on("request", (request, response) => path.take(request, response, "nothing"));
  server.on("checkContinue", (request, response) => path.take(request, response, "continue"));
  server.on("checkExpectation", (request, response) => path.take(request, response, "unknown"));
  server.on("connect", (_request, socket) => refuseRaw(socket as Socket, "method-not-allowed", "CONNECT"));
  server.on("clientError", (error, socket) => {
    answerMalformed(error, socket as Socket, connections.lastReply(socket as Socket));
  });
  server.on("connection", (socket: Socket) => connections.add(socket));

  const closed = new Promise<void>((resolve) => server.once("close", resolve));
  server.once("close", () => connections.end());

  return {
    listen: async (host, port) => {
      await listen(server, { host, port }, `${host}:${port}`);
      const address = server.address() as AddressInfo;
      fallbackDomain = `localhost:${address.port}`;
      return { host, port: address.port };
    },

    listenOnSocket: async (socket, named) => {
      await listen(server, { path: socket }, socket);
      fallbackDomain = `localhost:${named.port}`;
      return named;
    },

    drain() {
      if (!server.listening && connections.size === 0) return Promise.resolve();
      if (traffic.isDraining) return closed;
      server.close();
      // A server that is closing no longer looks whether requests arrive in time: done here, once. What had begun
      // to arrive before is late by then, and a stalled upload must not hold up the end.
      const late = setTimeout(() => {
        for (const socket of connections.sockets) if (dueReply(socket)?.req.complete === false) socket.destroy();
      }, timeouts.requestMs);
      server.once("close", () => clearTimeout(late));
      traffic.drain(() => {
        // Nothing is owed any more. Who is connected still is idle, or has sent half a request; what is written
        // already goes out first.
        for (const socket of connections.sockets) socket.destroySoon();
      });
      return closed;
    },

    close() {
      traffic.isDraining = true;
      for (const socket of connections.sockets) socket.destroy();
      if (!server.listening) return connections.size === 0 ? Promise.resolve() : closed;
      server.close();
      return closed;
    },
  };
}

function listen(server: Server, where: ListenOptions, shown: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException): void => {
      const code = cause.code === "EADDRINUSE" ? "port-in-use" : "address-unavailable";
      reject(new OffhookError(code, shown, { cause }));
    };
    server.once("error", onError);
    server.listen(where, () => {
      server.off("error", onError);
      // From here on: failures to accept, such as too many open files. They pass, and must not end the process.
      // One for each client that tries: not a line for each.
      let reason = "";
      const failed = new Tally((count) => {
        const message = `${count === 1 ? "A connection" : `${count} connections`} could not be accepted: ${reason}`;
        notices.publish({ level: "error", message });
      });
      server.on("error", ({ message }) => {
        reason = message;
        failed.add();
      });
      resolve();
    });
  });
}
