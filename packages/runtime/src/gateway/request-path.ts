/**
 * The path of a request through the gateway, in order:
 *
 *   health ▸ framing ▸ draining ▸ host ▸ header limits ▸ route ▸ preflight ▸ method ▸ WebSocket ▸ body allowed
 *     ▸ signature's shape ▸ body ▸ signature ▸ asset or invocation ▸ write
 *
 * Each check either rejects the request, which ends the exchange, or passes it on. This is the hot path: it makes one
 * object and waits for one promise, the pool's.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { statusOf, type ReplyErrorCode } from "../errors.ts";
import { exchangeBegun, exchangeSeen } from "../observe/channels.ts";
import type { Outcome } from "../pool/invocation.ts";
import { checkSignature, precheckSignature, type AccessError } from "./access.ts";
import { sendAsset } from "./assets.ts";
import { emptyBody, readBody } from "./body.ts";
import { expectOutcome, settleOutcome, type Connections } from "./connections.ts";
import { endExchange } from "./exchange-end.ts";
import { publishBegun, recordArrival } from "./exchange-record.ts";
import type { Connection, Exchange } from "./exchange.ts";
import { announcedBodyBytes, framingDoubt, measureHeaders } from "./limits.ts";
import { endWithReplyTo, hasUnreadBody, lingerOnClose } from "./lingering-close.ts";
import { dueReply, faultOf } from "./malformed.ts";
import { answerPreflight } from "./preflight.ts";
import { refuse, type RefusalOptions } from "./refusal.ts";
import { nextRequestId } from "./request-id.ts";
import type { Resource } from "./routes.ts";
import { hostOf, isHost, originFormOf } from "./target.ts";
import type { ResolveTenant, Tenant } from "./tenant.ts";
import { awaitLookup, describeLookupError } from "./tenant-lookup.ts";
import { refuseFor } from "./tenant-refusal.ts";
import type { Traffic } from "./traffic.ts";
import { asksForWebSocket, refuseWebSocket } from "./websocket.ts";
import { writeReply } from "./write-reply.ts";

export interface RequestPathOptions {
  readonly resolve: ResolveTenant;
  /** How long `resolve` may take. */
  readonly resolveTimeoutMs: number;
  /** Path of the health check for load balancers. Empty for none. */
  readonly healthPath: string;
  readonly traffic: Traffic;
  readonly connections: Connections;
  /** `context.DOMAIN_NAME` if neither setting nor proxy names one. */
  readonly fallbackDomain: () => string;
}

/** The meaning of the request's `Expect` header. */
type Expectation = "nothing" | "continue" | "unknown";

const unknownExpectation = { status: 417, detail: "an Expect other than 100-continue" };
/** Memory that Node and Offhook need for a request without its head, and garbage that comes with it. */
const pipelinedBytes = 8_192;
/** Memory that Node needs for a request that is dropped. */
const droppedBytes = 2_048;
const allow = { headers: ["allow", "GET, HEAD, POST, OPTIONS"] };
const closing = { closes: true };

export class RequestPath {
  readonly #options: RequestPathOptions;
  /** The last valid host. It is the same for nearly all requests, so it is checked once. */
  #knownHost = "";

  constructor(options: RequestPathOptions) {
    this.#options = options;
  }

  /** For the server's `request`, `checkContinue` and `checkExpectation`. */
  take(request: IncomingMessage, response: ServerResponse, expectation: Expectation): void {
    const { connections, traffic } = this.#options;
    const connection = connections.of(request.socket);
    if (connection === undefined || request.socket.destroyed) return;
    if (connection.isGivenUp) {
      traffic.held.holdPipelined(connection, response, droppedBytes);
      return lingerOnClose(request.socket);
    }
    if (request.headers.upgrade !== undefined) {
      // The server stays with HTTP/1.1. Node drops the bytes that came with the upgrade, so the next bytes may start in
      // the middle of a request.
      endWithReply(connection, response);
    }
    const doubt = framingDoubt(request);
    if (doubt === undefined && this.#isForHealth(request)) {
      return answerHealth(request, response, connection, expectation, traffic.isDraining);
    }
    const exchange = this.#begin(request, response, connection, expectation);
    if (doubt !== undefined) {
      connection.isGivenUp = true;
      return refuseEarly(exchange, "request-malformed", { detail: doubt, closes: true });
    }
    if (traffic.isDraining) return refuseEarly(exchange, "server-draining");
    if (expectation === "unknown") return refuseEarly(exchange, "request-malformed", unknownExpectation);
    this.#resolve(exchange);
  }

  /** True for GET and HEAD on the health path. Other methods are ordinary requests. */
  #isForHealth({ method, url = "" }: IncomingMessage): boolean {
    const { healthPath } = this.#options;
    if (healthPath === "" || !url.startsWith(healthPath) || (method !== "GET" && method !== "HEAD")) return false;
    return url.length === healthPath.length || url[healthPath.length] === "?";
  }

  /** From here on, the request must get a reply. */
  #begin(
    request: IncomingMessage,
    response: ServerResponse,
    connection: Connection,
    expectation: Expectation,
  ): Exchange {
    const { traffic } = this.#options;
    const { url = "" } = request;
    const headerBytes = measureHeaders(request.rawHeaders);
    traffic.enter();
    connection.hasProgress = true;
    if (dueReply(request.socket) !== response) {
      traffic.held.holdPipelined(connection, response, pipelinedBytes + url.length + Math.abs(headerBytes));
    }
    const target = originFormOf(url);
    const queryStart = target.indexOf("?");
    return {
      request,
      response,
      connection,
      requestId: nextRequestId(),
      startedAt: performance.now(),
      target,
      path: queryStart === -1 ? target : target.slice(0, queryStart),
      query: queryStart === -1 ? "" : target.slice(queryStart + 1),
      headerBytes,
      traffic,
      expectsContinue: expectation === "continue",
      service: "",
      inFlight: undefined,
      resource: undefined,
      domain: "",
      body: emptyBody,
      invoker: undefined,
      invocation: undefined,
      isCold: undefined,
    };
  }

  /** Finds the service of the host. */
  #resolve(exchange: Exchange): void {
    const { request, headerBytes } = exchange;
    const host = hostOf(request);
    if (headerBytes === -1) return refuseEarly(exchange, "request-malformed", { detail: "two Host headers" });
    if (host === "" && request.httpVersionMinor > 0) {
      return refuseEarly(exchange, "request-malformed", { detail: "no Host header" });
    }
    if (host !== this.#knownHost) {
      if (host !== "" && !isHost(host)) return refuseEarly(exchange, "request-malformed", { detail: "invalid host" });
      this.#knownHost = host;
    }
    let found: ReturnType<ResolveTenant>;
    try {
      found = this.#options.resolve(host);
    } catch (error) {
      return refuseEarly(exchange, "service-lookup-failed", { detail: describeLookupError(error) });
    }
    if (found instanceof Promise) this.#awaitTenant(exchange, found);
    else this.#enter(exchange, found);
  }

  #awaitTenant(exchange: Exchange, result: Promise<Tenant | undefined>): void {
    const { resolveTimeoutMs, traffic } = this.#options;
    awaitLookup(
      { result, timeoutMs: resolveTimeoutMs, connection: exchange.connection },
      {
        onFound: (tenant) => {
          if (traffic.isDraining) refuseEarly(exchange, "server-draining");
          else this.#enter(exchange, tenant);
        },
        onFailed: (detail) => refuseEarly(exchange, "service-lookup-failed", { detail }),
        onGone: () => {
          if (exchangeBegun.isObserved) publishBegun(exchange);
          abandon(exchange);
        },
      },
    );
  }

  /** The service is known, and may be about to change. */
  #enter(exchange: Exchange, tenant: Tenant | undefined): void {
    if (tenant === undefined) return refuseEarly(exchange, "host-unknown");
    exchange.service = tenant.sid;
    const { development, routes } = tenant;
    if (development !== undefined && !routes.has(exchange.path) && development.answerOwn(exchange)) {
      return exchange.traffic.leave(0);
    }
    if (exchangeBegun.isObserved) publishBegun(exchange);
    const changed = tenant.changed?.();
    if (changed === undefined) return this.#route(exchange, tenant);
    awaitLookup(
      { result: changed, timeoutMs: Infinity, connection: exchange.connection },
      {
        onFound: (current) => {
          if (exchange.traffic.isDraining) refuse(exchange, "server-draining");
          else this.#route(exchange, current);
        },
        onFailed: (detail) => refuse(exchange, "service-lookup-failed", { detail }),
        onGone: () => abandon(exchange),
      },
    );
  }

  /** Finds the resource of the path. */
  #route(exchange: Exchange, tenant: Tenant): void {
    const { request, path, headerBytes } = exchange;
    exchange.service = tenant.sid;
    exchange.inFlight = tenant.inFlight;
    exchange.inFlight?.enter();
    const { limits } = tenant;
    if (headerBytes > limits.headerBytes || request.rawHeaders.length > limits.headerCount * 2) {
      return refuseFor(exchange, tenant, "request-headers-too-long");
    }
    const resource = tenant.routes.get(path);
    if (resource === undefined) {
      const hints = tenant.development?.hintsOfRefusal("not-found", path);
      const authorHints = tenant.development?.hintsOfMissingPath(path);
      return refuseFor(exchange, tenant, "not-found", { hints, authorHints });
    }
    exchange.resource = resource;
    this.#checkMethod(exchange, tenant, resource);
  }

  #checkMethod(exchange: Exchange, tenant: Tenant, resource: Resource): void {
    const { request } = exchange;
    const { method } = request;
    if (method === "OPTIONS") {
      // Observed on the hosted product (row 141). A browser could not use the resource anyway: it has no auth token.
      if (resource.visibility !== "public") return refuseAccess(exchange, tenant, "signature-invalid");
      return answerPreflight(exchange);
    }
    if (method !== "GET" && method !== "POST" && method !== "HEAD") {
      return refuseFor(exchange, tenant, "method-not-allowed", allow);
    }
    if (request.headers.upgrade !== undefined && asksForWebSocket(request)) {
      return refuseWebSocket(exchange, tenant);
    }
    const bodyBytes = announcedBodyBytes(request);
    if (bodyBytes > 0 && method !== "POST") return refuseFor(exchange, tenant, "body-with-get");
    if (resource.visibility !== "public") {
      const error = precheckSignature(request, tenant.access);
      if (error !== undefined) return refuseAccess(exchange, tenant, error);
    }
    exchange.domain = tenant.origin.domainOf(request, this.#options.fallbackDomain());
    if (bodyBytes === 0) return proceed(exchange, tenant, resource);
    this.#receive(exchange, tenant, resource, bodyBytes);
  }

  /** @param bodyBytes the announced length. */
  #receive(exchange: Exchange, tenant: Tenant, resource: Resource, bodyBytes: number): void {
    const { request, response } = exchange;
    const limitBytes = tenant.limits.requestBytes - exchange.headerBytes;
    if (bodyBytes > limitBytes && bodyBytes !== Infinity)
      return refuseFor(exchange, tenant, "request-too-large", closing);
    // Not if another reply is due first: Node would write the `100 Continue` after the head of this reply. The client
    // must not wait forever.
    if (exchange.expectsContinue && dueReply(request.socket) === response) response.writeContinue();
    readBody(exchange, limitBytes, bodyBytes, (body) => {
      if (body === "too-large") return refuseFor(exchange, tenant, "request-too-large", closing);
      if (body === "no-room") return refuseFor(exchange, tenant, "server-overloaded", closing);
      if (body === "aborted") return abandon(exchange);
      exchange.body = body;
      proceed(exchange, tenant, resource);
    });
  }
}

/** The body is complete. Checks the signature, then sends the asset or invokes the function. */
function proceed(exchange: Exchange, tenant: Tenant, resource: Resource): void {
  if (exchangeSeen.isObserved) recordArrival(exchange);
  if (resource.visibility !== "public") {
    const error = checkSignature(exchange, tenant.access, tenant.origin);
    if (error !== undefined) return refuseAccess(exchange, tenant, error);
  }
  if (resource.kind === "asset") return sendAsset(exchange, resource);
  invoke(exchange, tenant, resource.name);
}

function invoke(exchange: Exchange, tenant: Tenant, name: string): void {
  const { requestId, request, path, query, domain, body } = exchange;
  const { invoker, development } = tenant;
  const invocation = {
    requestId,
    function: name,
    path,
    query,
    domain,
    headers: request.rawHeaders,
    body,
    isAbandoned: false,
  };
  exchange.invoker = invoker;
  exchange.invocation = invocation;
  // If the client disconnects meanwhile, the function is notified and runs on as on hosted Functions. The write then
  // does nothing.
  expectOutcome(exchange);
  invoker.invoke(invocation).then(
    (outcome) => {
      settleOutcome(exchange);
      writeReply(exchange, outcome, development);
    },
    (error: unknown) => {
      // A pool never rejects. If it does nevertheless, the client must not wait forever.
      settleOutcome(exchange);
      writeReply(exchange, internalError(error));
    },
  );
}

/** The request is served, and no later one on its connection. */
function endWithReply(connection: Connection, response: ServerResponse): void {
  connection.isGivenUp = true;
  response.shouldKeepAlive = false;
  // Before Node's own listener, which closes the connection.
  response.prependOnceListener("finish", () => lingerOnClose(connection.socket));
}

function refuseAccess(exchange: Exchange, tenant: Tenant, error: AccessError): void {
  // The signature may be valid, but it cannot be checked without the text of the form. The caller gets the real reason.
  if (error === "body-charset-unsupported") return refuseFor(exchange, tenant, error);
  refuseFor(exchange, tenant, error, { status: tenant.access.failureStatus });
}

/** Rejects a request whose service is not known yet. */
function refuseEarly(exchange: Exchange, code: ReplyErrorCode, options?: RefusalOptions): void {
  if (exchangeBegun.isObserved) publishBegun(exchange);
  refuse(exchange, code, options);
}

/** The client disconnected, or stopped, before its body was complete. There is no client to answer. The log has it. */
function abandon(exchange: Exchange): void {
  const code = faultOf(exchange.request.socket) ?? "request-malformed";
  endExchange(exchange, statusOf(code), 0, { code, detail: "the connection ended before the body was complete" });
}

function internalError(error: unknown): Outcome {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: "failed", code: "internal-error", detail, running: 0 };
}

/** Answers before any limit or route, and without a line in the log: load balancers ask every second. */
function answerHealth(
  request: IncomingMessage,
  response: ServerResponse,
  connection: Connection,
  expectation: Expectation,
  isDraining: boolean,
): void {
  const body = isDraining ? '{"status":"draining"}' : '{"status":"ok"}';
  const headers = [
    "content-type",
    "application/json",
    "content-length",
    String(body.length),
    "cache-control",
    "no-store",
  ];
  const closes = isDraining || hasUnreadBody(request, expectation === "continue");
  if (closes) {
    headers.push("connection", "close");
    endWithReplyTo(request, connection);
  }
  response.writeHead(isDraining ? 503 : 200, headers);
  response.end(body);
}
