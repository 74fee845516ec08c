/**
 * The gateway: an HTTP server in front of services. It routes requests, checks access and writes replies. User code
 * never runs here. It parses a body only to check the signature of a protected resource.
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
import { CountReporter } from "./count-reporter.ts";
import { Traffic } from "./traffic.ts";

// An import of the module of this name reads everything that it exports, the WebSocket client too: 35 ms.
const { createServer } = process.getBuiltinModule("node:http");

export interface GatewayOptions {
  readonly resolve: ResolveTenant;
  /** Answered by the gateway itself, for load balancers; false for none. */
  readonly healthPath: string | false;
  /** The highest limit on header bytes of any tenant. The parser lets more through, so that we write the refusal. */
  readonly headerBytes: number;
  /** The maximum number of open connections. `Infinity` for no limit. */
  readonly connectionLimit: number;
  /** Bytes of bodies and replies that may be held at once. `Infinity` for no limit. */
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
  /** How long a reply may make no progress before we cut its connection. The function's time does not count. */
  readonly writeMs: number;
  /**
   * While a function runs whose client has closed its sending half: how often we check that the client is still there.
   */
  readonly probeMs: number;
  /** How long a lookup of the tenant may take. */
  readonly resolveMs: number;
}

export interface Gateway {
  /**
   * Resolves with the address. Its port is the given one, or the one that the system chose for 0.
   * @throws OffhookError `port-in-use`, `address-unavailable`
   */
  listen(host: string, port: number): Promise<GatewayAddress>;
  /**
   * Listens on a socket in the file system. Only users who may enter its folder can connect.
   * @param named the host and port that functions see as their server's.
   * @throws OffhookError `address-unavailable`
   */
  listenOnSocket(socket: string, named: GatewayAddress): Promise<GatewayAddress>;
  /**
   * Accepts no more connections. Replies in flight are written and close their connections. Requests that arrive now
   * are refused with `server-draining`. Resolves when the last reply is out. Requests that do not arrive in time
   * are cut, and so are clients that do not read. Functions that are still running have no deadline but `close`.
   */
  drain(): Promise<void>;
  /** Cuts every connection now. */
  close(): Promise<void>;
}

export interface GatewayAddress {
  readonly host: string;
  readonly port: number;
}

/** Load balancers keep idle connections for 60 s. If we closed first, some of their requests would be lost. */
const defaultTimeouts: GatewayTimeouts = {
  headMs: 10_000,
  requestMs: 60_000,
  keepAliveMs: 65_000,
  writeMs: 30_000,
  probeMs: 1_000,
  resolveMs: 10_000,
};

/**
 * Headers may exceed twice their limit by this much and still get a full answer. Beyond that, the parser cuts the
 * request off.
 */
const headerSlackBytes = 8 * 1_024;

/** The parser's limit is never higher: a tenant may have no limit, and Node needs a finite number. */
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

  const server = createHttpServer(options.headerBytes, timeouts);
  const path = new RequestPath({
    resolve: options.resolve,
    resolveTimeoutMs: timeouts.resolveMs,
    healthPath: options.healthPath === false ? "" : options.healthPath,
    traffic,
    connections,
    fallbackDomain: () => fallbackDomain,
  });
  subscribe(server, path, connections);

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
      // A closing server no longer enforces its request timeout, so we do it here, once. By then every request that
      // is still arriving is late, and a stalled upload must not delay the end.
      const late = setTimeout(() => {
        for (const socket of connections.sockets) if (dueReply(socket)?.req.complete === false) socket.destroy();
      }, timeouts.requestMs);
      server.once("close", () => clearTimeout(late));
      traffic.drain(() => {
        // No reply is due any more. The remaining connections are idle or have sent part of a request. Bytes that
        // are already written go out first.
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

/** Node's server, with its limits set so that we write the refusals. */
function createHttpServer(headerBytes: number, timeouts: GatewayTimeouts): Server {
  const server = createServer({
    noDelay: true,
    // We check it ourselves, so that the error comes from the ledger.
    requireHostHeader: false,
    maxHeaderSize: Math.min(headerBytes * 2 + headerSlackBytes, headerCeilingBytes),
    headersTimeout: Math.min(timeouts.headMs, timeouts.requestMs),
    requestTimeout: timeouts.requestMs,
    keepAliveTimeout: timeouts.keepAliveMs,
    connectionsCheckingInterval: Math.max(50, Math.min(2_000, timeouts.headMs / 2)),
  });
  // `maxHeaderSize` limits the headers here, and the tenant's limit does later. Node's own limit on their number
  // would silently drop the rest.
  server.maxHeadersCount = 0;
  // Undocumented, but in Node since 0.x: a client that closes its sending half after the request (`nc -N`, some
  // proxies) still gets the reply.
  (server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;
  // When a server closes, Node cuts the connections that it considers idle. Among them are connections whose reply is
  // written but not yet read. `drain` ends those later.
  server.closeIdleConnections = () => undefined;
  return server;
}

/** Passes requests to the request path, and connections to their list. Rejects bytes that are not HTTP. */
function subscribe(server: Server, path: RequestPath, connections: Connections): void {
  server.on("request", (request, response) => path.take(request, response, "nothing"));
  server.on("checkContinue", (request, response) => path.take(request, response, "continue"));
  server.on("checkExpectation", (request, response) => path.take(request, response, "unknown"));
  server.on("connect", (_request, socket) => refuseRaw(socket as Socket, "method-not-allowed", "CONNECT"));
  server.on("clientError", (error, socket) => {
    answerMalformed(error, socket as Socket, connections.lastReply(socket as Socket));
  });
  server.on("connection", (socket: Socket) => connections.add(socket));
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
      // Later errors are failures to accept, such as too many open files. They are temporary and must not end the
      // process. Each client that tries causes one, so the reporter logs them together.
      let reason = "";
      const failed = new CountReporter((count) => {
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
