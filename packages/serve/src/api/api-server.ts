/**
 * The HTTP side of the API: host, credentials, role, operation, reply. It has a listener of its own, and functions are
 * not reachable through it.
 */
import { STATUS_CODES } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import multipart from "@fastify/multipart";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { ApiContext } from "./api-context.ts";
import { ApiError, unavailable } from "../api-error.ts";
import { writeAudit } from "./audit.ts";
import { authenticate, FailureCounter, userOf, type Principal } from "./credentials.ts";
import { connectionErrorOf, errorBodyOf, errorReplyOf } from "./error-reply.ts";
import { Form } from "./form.ts";
import { Links } from "./links.ts";
import type { Call, Operation, UploadPart } from "./operation.ts";
import { operations } from "./operations.ts";
import { RequestRates } from "./request-rates.ts";

/** The largest body of a form: a build with some thousands of versions and dependencies. */
const maxFormBytes = 2 * 2 ** 20;
/** The largest text field of an upload. */
const maxFieldBytes = 4096;
const requestTimeoutMs = 300_000;

export interface ApiServer {
  /** With the port that was chosen, if the setting is 0. */
  readonly address: { readonly host: string; readonly port: number };
  /** Accepts no new connections, and resolves when the requests in flight are answered. */
  close(): Promise<void>;
}

/**
 * @param onWarning gets the reason of each reply with the status 500.
 * @throws Error with the code `EADDRINUSE`, or another of `listen`.
 */
export async function startApiServer(context: ApiContext, onWarning: (message: string) => void): Promise<ApiServer> {
  const { apiHost, apiPort } = context.settings;
  const app = createApi(context, onWarning);
  await app.listen({ host: apiHost, port: apiPort });
  const { port } = app.server.address() as AddressInfo;
  return { address: { host: apiHost, port }, close: () => app.close() };
}

function createApi(context: ApiContext, onWarning: (message: string) => void): FastifyInstance {
  const sendError = (reply: FastifyReply, request: FastifyRequest, error: unknown): FastifyReply => {
    const answer = errorReplyOf(error, request.method === "GET" || request.method === "HEAD");
    if (answer.status === 500) onWarning(failureOf(request, error));
    if (answer.retryAfter !== undefined) void reply.header("retry-after", String(answer.retryAfter));
    return reply.status(answer.status).send(errorBodyOf(answer));
  };
  const { settings } = context;
  const { trustProxy } = settings.server;
  const app = fastify({
    bodyLimit: maxFormBytes,
    requestTimeout: requestTimeoutMs,
    trustProxy: trustProxy.length === 0 ? false : [...trustProxy],
    routerOptions: { maxParamLength: 300, ignoreTrailingSlash: true },
    // A connection that stays open between requests would hold the process up.
    forceCloseConnections: "idle",
    // `begin` answers while the server closes, in Twilio's form.
    return503OnClosing: false,
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error, request, reply) => void sendError(reply, request, error),
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) =>
    done(null, new URLSearchParams(body as string)),
  );
  void app.register(multipart, { throwFileSizeLimit: false });
  const requests = new RequestPath(context);
  app.addHook("onRequest", (request, reply) => requests.begin(request, reply));
  app.addHook("preClose", () => requests.close());
  const methods = new Map<string, string[]>();
  for (const operation of operations) {
    methods.set(operation.path, [...(methods.get(operation.path) ?? []), operation.method]);
    app.route({
      method: operation.method,
      url: operation.path,
      exposeHeadRoute: operation.method === "GET",
      handler: (request, reply) => requests.run(operation, request, reply),
    });
  }
  for (const [url, allowed] of methods) refuseOthers(app, url, allowed);
  app.setNotFoundHandler((request) => {
    throw new ApiError({
      status: 404,
      code: 20404,
      message: `The requested resource ${pathOf(request)} was not found. The API begins at /v1/Services.`,
    });
  });
  app.setErrorHandler((error, request, reply) => sendError(reply, request, error));
  return app;
}

/** Answers 405 for methods that a path does not have (contract rows 158 and 172). */
function refuseOthers(app: FastifyInstance, url: string, allowed: readonly string[]): void {
  const others = (["GET", "POST", "PUT", "PATCH", "DELETE"] as const).filter((method) => !allowed.includes(method));
  app.route({
    method: others,
    url,
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      void reply.header("allow", allowed.join(", "));
      throw new ApiError({
        status: 405,
        code: 20004,
        message: `Method ${request.method} is not allowed here. This resource has ${allowed.join(" and ")}.`,
      });
    },
  });
}

/** The checks and the bookkeeping around each operation. */
class RequestPath {
  readonly #context: ApiContext;
  readonly #failures = new FailureCounter();
  readonly #rates: RequestRates;
  readonly #principals = new WeakMap<FastifyRequest, Principal>();
  readonly #baseName: string;
  #isClosing = false;

  constructor(context: ApiContext) {
    this.#context = context;
    this.#rates = new RequestRates(context.settings.quotas.requestsPerSecond);
    this.#baseName = context.settings.baseDomain.replace(/:\d+$/, "").toLowerCase();
  }

  /** Refuses later requests. */
  close(): Promise<void> {
    this.#isClosing = true;
    return Promise.resolve();
  }

  /** The checks that come before the body is read. @throws ApiError */
  async begin(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    if (this.#isClosing) throw unavailable("The server is stopping. Try again in a second.");
    // Functions have names of their own. Nothing that a browser sends to them may reach the API (hosts first).
    if (await this.#isFunctionsHost(request.hostname)) {
      throw new ApiError({ status: 421, code: 20421, message: "This is not the host name of the API." });
    }
    const { apiCors } = this.#context.settings;
    if (apiCors !== undefined) addCors(reply, apiCors);
    if (request.method === "OPTIONS") return reply.status(204).send();
    this.#failures.check(request.ip);
    try {
      const principal = await authenticate(this.#context, request.headers.authorization);
      this.#principals.set(request, principal);
      this.#rates.check(principal.actor);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        this.#failures.add(request.ip);
        void reply.header("www-authenticate", 'Basic realm="Offhook API"');
        await this.#audit(request, "Authenticate", [], 401);
      }
      throw error;
    }
    return undefined;
  }

  async run(operation: Operation, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const principal = this.#principals.get(request);
    if (principal === undefined) throw new Error("The request was not authenticated.");
    const sids = new Set(Object.values(request.params as Record<string, string>));
    const isWrite = operation.method !== "GET";
    try {
      if (isWrite) requireWriter(principal);
      // An upload is read part by part. Elsewhere it would be a form without parameters.
      if (operation.takesUpload === undefined && request.isMultipart()) throw notAForm();
      const answer = await operation.run(this.#callOf(operation, request, principal, (sid) => sids.add(sid)));
      if (isWrite) await this.#audit(request, operation.id, [...sids], answer.status, principal);
      return await reply.status(answer.status).send(answer.body);
    } catch (error) {
      if (operation.takesUpload === true || request.isMultipart()) discardBody(request, reply);
      if (isWrite) await this.#audit(request, operation.id, [...sids], errorReplyOf(error).status, principal);
      throw error;
    }
  }

  #callOf(operation: Operation, request: FastifyRequest, principal: Principal, note: (sid: string) => void): Call {
    const { body } = request;
    return {
      context: this.#context,
      principal,
      path: request.params as Record<string, string>,
      form: new Form(body instanceof URLSearchParams ? body : new URLSearchParams()),
      query: new Form(new URLSearchParams(request.url.split("?", 2)[1] ?? "")),
      links: new Links(this.#context.settings.apiUrl ?? `${request.protocol}://${request.host}`),
      parts: () => uploadParts(operation, request),
      note,
    };
  }

  async #isFunctionsHost(host: string): Promise<boolean> {
    const name = host.toLowerCase().replace(/\.$/, "");
    if (name.endsWith(`.${this.#baseName}`)) return true;
    const { store } = this.#context;
    // A custom name counts once its owner has proven it. Before, it may be anyone's, also this API's.
    const domain = await store
      .selectFrom("domain")
      .select("name")
      .where("name", "=", name)
      .where("verified_at", "is not", null)
      .executeTakeFirst();
    return domain !== undefined;
  }

  async #audit(
    request: FastifyRequest,
    operation: string,
    sids: readonly string[],
    status: number,
    principal?: Principal,
  ): Promise<void> {
    await writeAudit(this.#context, {
      account_sid: principal?.accountSid ?? null,
      actor: principal?.actor ?? userOf(request.headers.authorization) ?? "unknown",
      address: request.ip,
      user_agent: request.headers["user-agent"] ?? "",
      operation,
      sids,
      status,
    });
  }
}

/** @throws ApiError 403 */
function requireWriter({ actor, role }: Principal): void {
  if (role !== "reader") return;
  throw new ApiError({
    status: 403,
    code: 20403,
    message: `The key ${actor} has the role reader, which may change nothing. Use a key with the role deployer or admin.`,
  });
}

function notAForm(): ApiError {
  return new ApiError({
    status: 415,
    code: 20415,
    message: "This operation takes no upload. Send its parameters as application/x-www-form-urlencoded.",
  });
}

/** The client reads the reply only when it has sent everything. The connection is of no more use after that. */
function discardBody(request: FastifyRequest, reply: FastifyReply): void {
  request.raw.unpipe();
  request.raw.resume();
  void reply.header("connection", "close");
}

async function* uploadParts(operation: Operation, request: FastifyRequest): AsyncIterable<UploadPart> {
  if (operation.takesUpload === undefined || !request.isMultipart()) {
    throw new ApiError({ status: 415, code: 20415, message: "Send the upload as multipart/form-data." });
  }
  // The operation has limits of its own, which are smaller. The library would cut a larger file off without a word.
  const limits = {
    fieldSize: maxFieldBytes,
    fileSize: Number.MAX_SAFE_INTEGER,
    fields: 20,
    files: 2,
    parts: 22,
    headerPairs: 50,
  };
  for await (const part of request.parts({ limits })) {
    if (part.type === "file") yield { kind: "file", name: part.fieldname, file: part };
    else yield { kind: "field", name: part.fieldname, value: String(part.value) };
  }
}

function addCors(reply: FastifyReply, origin: string): void {
  void reply.headers({
    "access-control-allow-origin": origin,
    "access-control-allow-methods": "GET, POST, DELETE, OPTIONS",
    "access-control-allow-headers": "Authorization, Content-Type",
    vary: "Origin",
  });
}

/** Without the query and the body, which may hold values. */
function failureOf(request: FastifyRequest, error: unknown): string {
  const reason = error instanceof Error ? error.stack : String(error);
  return `The API failed to answer ${request.method} ${pathOf(request)}: ${reason}`;
}

/** Answers what is not a request of HTTP, such as headers that are too long, and closes the connection. */
function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const answer = connectionErrorOf(error.code);
  const body = JSON.stringify(errorBodyOf(answer));
  const head = [
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}`,
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function pathOf(request: FastifyRequest): string {
  return request.url.split("?", 1)[0]?.slice(0, 200) ?? "/";
}
