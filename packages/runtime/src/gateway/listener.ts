/**
 * The path of a request through the gateway, in order:
 *
 *   health ▸ framing ▸ draining ▸ host ▸ header limits ▸ route ▸ preflight ▸ method ▸ WebSocket ▸ body allowed
 *     ▸ signature's shape ▸ body ▸ signature ▸ asset or invocation ▸ write
 *
 * Each check either refuses, which ends the exchange, or lets it pass on. This is the hot path: it makes one
 * object and waits for one promise, the pool's.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { statusOf } from "../errors.ts";
import { exchangeBegun, exchangeSeen } from "../observe/channels.ts";
import type { Outcome } from "../pool/invocation.ts";
import { checkSignature, precheckSignature, type AccessError } from "./access.ts";
import { sendAsset } from "./assets.ts";
import { emptyBody, readBody } from "./body.ts";
import { expectOutcome, settleOutcome, type Connections } from "./connections.ts";
import { endExchange, type Connection, type Exchange } from "./exchange.ts";
import { announcedBodyBytes, framingDoubt, measureHeaders } from "./limits.ts";
import { endWithReplyTo, hasUnreadBody, lingerOnClose } from "./lingering-close.ts";
import { dueReply, faultOf } from "./malformed.ts";
import { answerPreflight } from "./preflight.ts";
import { refuse } from "./refusal.ts";
import { writeReply } from "./reply.ts";
import { nextRequestId } from "./request-id.ts";
import type { Resource } from "./routes.ts";
import { hostOf, isHost, originFormOf } from "./target.ts";
import type { ResolveTenant, Tenant } from "./tenant.ts";
import type { Traffic } from "./traffic.ts";
import { asksForWebSocket, refuseWebSocket } from "./websocket.ts";

export interface ListenerOptions {
  readonly resolve: ResolveTenant;
  /** Path that tells load balancers how the server is; empty for none. */
  readonly healthPath: string;
  readonly traffic: Traffic;
  readonly connections: Connections;
  /** `context.DOMAIN_NAME` where neither setting nor proxy names one. */
  readonly fallbackDomain: () => string;
}

/** What the request's `Expect` asks for. */
type Expectation = "nothing" | "continue" | "unknown";

export type Listener = (request: IncomingMessage, response: ServerResponse, expectation: Expectation) => void;

const unknownExpectation = { status: 417, detail: "an Expect other than 100-continue" };
/** What Node and we need for a request without its head, and the garbage that comes with it. */
const pipelinedBytes = 8_192;
/** What Node needs for one that is dropped. */
const droppedBytes = 2_048;
const allow = { headers: ["allow", "GET, HEAD, POST, OPTIONS"] };

export function createListener(options: ListenerOptions): Listener {
  const { resolve, healthPath, traffic, connections, fallbackDomain } = options;
  const healthPathWithQuery = `${healthPath}?`;

  /** The same for nearly all requests: looked at once. */
  let knownHost = "";

  return (request, response, expectation) => {
    const connection = connections.of(request.socket);
    if (connection === undefined || request.socket.destroyed) return;
    if (connection.isGivenUp) {
      traffic.held.holdPipelined(connection, response, droppedBytes);
      return lingerOnClose(request.socket);
    }
    if (request.headers.upgrade !== undefined) {
      // The server stays with HTTP/1.1. Node drops the bytes that came with the upgrade, so what follows may start in the middle of a request.
      endWithReply(connection, response);
    }
    const doubt = framingDoubt(request);
    const url = request.url ?? "";
    if (doubt === undefined && healthPath !== "" && (url === healthPath || url.startsWith(healthPathWithQuery))) {
      if (answerHealth(request, response, connection, expectation, traffic.isDraining)) return;
    }

    traffic.enter();
    connection.hasProgress = true;
    if (dueReply(request.socket) !== response) {
      const bytes = pipelinedBytes + url.length + Math.abs(measureHeaders(request.rawHeaders));
      traffic.held.holdPipelined(connection, response, bytes);
    }
    const target = originFormOf(url);
    const queryStart = target.indexOf("?");
    const path = queryStart === -1 ? target : target.slice(0, queryStart);
    const exchange: Exchange = {
      request,
      response,
      connection,
      requestId: nextRequestId(),
      startedAt: performance.now(),
      target,
      path,
      traffic,
      expectsContinue: expectation === "continue",
      service: "",
      resource: undefined,
      invoker: undefined,
      invocation: undefined,
      isCold: undefined,
      heldBytes: 0,
    };
    if (exchangeBegun.isObserved) begin(exchange);
    if (doubt !== undefined) {
      connection.isGivenUp = true;
      return refuse(exchange, "request-malformed", { detail: doubt, closes: true });
    }
    if (traffic.isDraining) return refuse(exchange, "server-draining");
    if (expectation === "unknown") return refuse(exchange, "request-malformed", unknownExpectation);

    const host = hostOf(request);
    const headerBytes = measureHeaders(request.rawHeaders);
    if (headerBytes === -1) return refuse(exchange, "request-malformed", { detail: "two Host headers" });
    if (host === "" && request.httpVersionMinor > 0) {
      return refuse(exchange, "request-malformed", { detail: "no Host header" });
    }
    if (host !== knownHost) {
      if (host !== "" && !isHost(host)) return refuse(exchange, "request-malformed", { detail: "invalid host" });
      knownHost = host;
    }
    const tenant = resolve(host);
    if (!(tenant instanceof Promise)) return route(exchange, tenant, headerBytes, queryStart);
    void tenant.then((changed) => {
      // Who left meanwhile left nothing to do, and no event that would tell.
      if (request.socket.destroyed) return abandon(exchange);
      if (traffic.isDraining) return refuse(exchange, "server-draining");
      route(exchange, changed, headerBytes, queryStart);
    });
  };

  function route(exchange: Exchange, tenant: Tenant | undefined, headerBytes: number, queryStart: number): void {
    const { request, response, path, target } = exchange;
    if (tenant === undefined) return refuse(exchange, "not-found");
    exchange.service = tenant.sid;
    const { limits } = tenant;
    if (headerBytes > limits.headerBytes || request.rawHeaders.length > limits.headerCount * 2) {
      return refuse(exchange, "request-headers-too-long");
    }

    const resource = tenant.routes.get(path);
    if (resource === undefined) return refuse(exchange, "not-found", { hints: tenant.hintsOfPath?.(path) });
    exchange.resource = resource;

    const { method } = request;
    const isProtected = resource.visibility !== "public";
    if (method === "OPTIONS") {
      // Seen on the hosted product (row 141). A browser could not use the resource anyway: it has no auth token.
      if (isProtected) return refuseAccess(exchange, tenant, "signature-invalid");
      return answerPreflight(exchange);
    }
    if (method !== "GET" && method !== "POST" && method !== "HEAD") {
      return refuse(exchange, "method-not-allowed", allow);
    }
    if (request.headers.upgrade !== undefined && asksForWebSocket(request)) {
      return refuseWebSocket(exchange, tenant.hintsOf !== undefined);
    }

    const bodyBytes = announcedBodyBytes(request);
    if (bodyBytes > 0 && method !== "POST") return refuse(exchange, "body-with-get");
    if (isProtected) {
      const error = precheckSignature(request, tenant.access);
      if (error !== undefined) return refuseAccess(exchange, tenant, error);
    }

    const query = queryStart === -1 ? "" : target.slice(queryStart + 1);
    const domain = tenant.origin.domainOf(request, fallbackDomain());
    if (bodyBytes === 0) return proceed(exchange, tenant, resource, query, domain, emptyBody);

    const limitBytes = limits.requestBytes - headerBytes;
    if (bodyBytes > limitBytes && bodyBytes !== Infinity) return refuse(exchange, "request-too-large", closing);
    // Not where another reply is due before: Node would put it behind the head of this one's. The client may not wait for ever.
    if (exchange.expectsContinue && dueReply(request.socket) === response) response.writeContinue();
    readBody(request, limitBytes, bodyBytes, exchange.connection, traffic.held, (body) => {
      if (body === "too-large") return refuse(exchange, "request-too-large", closing);
      if (body === "no-room") return refuse(exchange, "server-overloaded", closing);
      if (body === "aborted") return abandon(exchange);
      exchange.heldBytes = body.length;
      proceed(exchange, tenant, resource, query, domain, body);
    });
  }
}

/** The request is served, and no other on its connection. */
function endWithReply(connection: Connection, response: ServerResponse): void {
  connection.isGivenUp = true;
  response.shouldKeepAlive = false;
  // Before Node's own listener, which closes the connection.
  response.prependOnceListener("finish", () => lingerOnClose(connection.socket));
}

const closing = { closes: true };

/** The body is whole: the last check, then the work. */
function proceed(
  exchange: Exchange,
  tenant: Tenant,
  resource: Resource,
  query: string,
  domain: string,
  body: Uint8Array,
): void {
  if (resource.visibility !== "public") {
    const error = checkSignature(exchange, tenant.access, tenant.origin, body);
    if (error !== undefined) return refuseAccess(exchange, tenant, error);
  }
  if (exchangeSeen.isObserved) exchange.receivedAt = performance.now();
  if (resource.kind === "asset") return sendAsset(exchange, resource);
  const invocation = {
    requestId: exchange.requestId,
    function: resource.name,
    path: exchange.path,
    query,
    domain,
    headers: exchange.request.rawHeaders,
    body,
    isAbandoned: false,
  };
  exchange.invoker = tenant.invoker;
  exchange.invocation = invocation;
  // If the client goes away meanwhile the function is told, and runs on as hosted; the write then does nothing.
  expectOutcome(exchange);
  tenant.invoker.invoke(invocation).then(
    (outcome) => {
      settleOutcome(exchange);
      writeReply(exchange, outcome, tenant);
    },
    (error: unknown) => {
      // A pool never rejects; should it, the client must not wait forever.
      settleOutcome(exchange);
      writeReply(exchange, internalError(error));
    },
  );
}

function refuseAccess(exchange: Exchange, tenant: Tenant, error: AccessError): void {
  // The signature may be valid: without the text of the form nobody can tell. The caller gets the true reason.
  if (error === "body-charset-unsupported") return refuse(exchange, error);
  refuse(exchange, error, { status: tenant.access.failureStatus });
}

/** For whoever watches. */
function begin({ requestId, request, target }: Exchange): void {
  exchangeBegun.publish({ requestId, at: Date.now(), method: request.method ?? "", target });
}

/** The client went, or broke off, before its body was whole. Nobody is left to answer; the log still tells. */
function abandon(exchange: Exchange): void {
  const code = faultOf(exchange.request.socket) ?? "request-malformed";
  endExchange(exchange, statusOf(code), 0, code, "the connection ended before the body was complete");
}

function internalError(error: unknown): Outcome {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: "failed", code: "internal-error", detail, running: 0 };
}

/**
 * Answers GET and HEAD on the health path, before any limit or route, and tells no log: it is asked every second.
 * @returns false for other methods, which go the way of all requests.
 */
function answerHealth(
  request: IncomingMessage,
  response: ServerResponse,
  connection: Connection,
  expectation: Expectation,
  isDraining: boolean,
): boolean {
  if (request.method !== "GET" && request.method !== "HEAD") return false;
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
  return true;
}
