/** A gateway on a free port, in front of an invoker that the test scripts. */
import { once } from "node:events";
import { mkdtemp, mkdir, realpath, rm, writeFile } from "node:fs/promises";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { notices, requestEnded, type Notice, type RequestEnded } from "../../../src/observe/channels.ts";
import type { Invocation, Outcome } from "../../../src/pool/invocation.ts";
import type { AssetResource, FunctionResource, Visibility } from "../../../src/service.ts";
import { Development } from "../../../src/development/development.ts";
import { createGateway, type Gateway, type GatewayOptions } from "../../../src/gateway/gateway.ts";
import { createOrigin, type OriginOptions } from "../../../src/gateway/origin.ts";
import { createRoutes } from "../../../src/gateway/routes.ts";
import type { Tenant } from "../../../src/gateway/tenant.ts";

export const authToken = "0123456789abcdef0123456789abcdef";

export interface Fixture {
  readonly gateway: Gateway;
  /** The tenant of every host name, unless `resolve` finds another. */
  readonly tenant: Tenant;
  readonly port: number;
  readonly base: string;
  /** Invocations that reached the invoker. */
  readonly invocations: Invocation[];
  /** Events that were published for the log. */
  readonly ended: RequestEnded[];
  readonly notices: Notice[];
  /** Invocations whose callers had disconnected before the outcome. */
  readonly abandoned: Invocation[];
}

export interface FixtureOptions {
  readonly answer?: (invocation: Invocation) => Outcome | Promise<Outcome>;
  readonly assets?: readonly AssetResource[];
  readonly functions?: readonly FunctionResource[];
  readonly limits?: Partial<Tenant["limits"]>;
  readonly access?: Partial<Tenant["access"]>;
  readonly origin?: Partial<OriginOptions>;
  readonly isDevelopment?: boolean;
  readonly gateway?: Partial<GatewayOptions>;
}

export function fn(path: string, visibility: Visibility = "public"): FunctionResource {
  return { kind: "function", path, name: path.slice(1), file: `/nowhere${path}.js`, visibility };
}

export function text(body: string, headers: readonly string[] = ["content-type", "text/plain"], status = 200): Outcome {
  return { kind: "reply", status, headers, body: Buffer.from(body), running: 1 };
}

export async function startGateway(t: TestContext, options: FixtureOptions = {}): Promise<Fixture> {
  const invocations: Invocation[] = [];
  const abandoned: Invocation[] = [];
  const tenant: Tenant = {
    sid: "ZS00000000000000000000000000000000",
    routes: createRoutes({
      functions: options.functions ?? [fn("/hello"), fn("/sms/reply"), fn("/p", "protected"), fn("/lib", "private")],
      assets: options.assets ?? [],
    }),
    invoker: {
      invoke: async (invocation) => {
        invocations.push(invocation);
        return options.answer === undefined ? text("hi") : options.answer(invocation);
      },
      abandon: (invocation) => {
        invocation.isAbandoned = true;
        abandoned.push(invocation);
      },
    },
    limits: { requestBytes: 1_048_576, headerBytes: 15 * 1_024, headerCount: 90, ...options.limits },
    access: {
      authToken,
      sharedKeySecret: undefined,
      failureStatus: 403,
      allowsUnsignedBodies: false,
      ...options.access,
    },
    origin: createOrigin({ publicUrl: undefined, trustProxy: [], ...options.origin }),
    ...(options.isDevelopment === true && { development: developmentOf(t) }),
  };
  const gateway = createGateway({
    resolve: () => tenant,
    healthPath: "/_offhook/health",
    headerBytes: tenant.limits.headerBytes,
    connectionLimit: Infinity,
    heldLimitBytes: Infinity,
    ...options.gateway,
  });
  const ended: RequestEnded[] = [];
  const received: Notice[] = [];
  const unsubscribe = requestEnded.subscribe((message) => ended.push(message));
  const unsubscribeNotices = notices.subscribe((message) => received.push(message));
  const { port } = await gateway.listen("127.0.0.1", 0);
  t.after(async () => {
    unsubscribe();
    unsubscribeNotices();
    await gateway.close();
  });
  return { gateway, tenant, port, base: `http://127.0.0.1:${port}`, invocations, ended, notices: received, abandoned };
}

function developmentOf(t: TestContext): Development {
  const service = {
    sid: "ZS00000000000000000000000000000000",
    environmentSid: "ZE00000000000000000000000000000000",
    folder: "/nowhere",
    functions: [],
    assets: [],
    variables: {},
  };
  const development = new Development({ service: () => service, diagnosisDetail: "all", isAuthorCalling: true });
  t.after(() => development.stop());
  return development;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

export interface Call {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
  /** Where the socket comes from. */
  readonly localAddress?: string;
}

/** Sends one request on a separate connection. */
export async function call(fixture: Fixture, path: string, options: Call = {}): Promise<Reply> {
  const request = httpRequest({
    host: "127.0.0.1",
    port: fixture.port,
    path,
    method: options.method ?? "GET",
    headers: options.headers ?? {},
    agent: false,
    ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
  });
  request.end(options.body);
  const [response] = await once(request, "response");
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode,
    headers: response.headers,
    rawHeaders: response.rawHeaders,
    body: Buffer.concat(chunks).toString(),
  };
}

export interface Raw {
  readonly socket: Socket;
  /** All bytes that arrived until the server closed. */
  closed(): Promise<string>;
  /** All bytes that have arrived, as soon as they match. */
  until(pattern: RegExp): Promise<string>;
}

/** A bare connection, for bytes that no HTTP client would send. */
export async function open(t: TestContext, fixture: Pick<Fixture, "port">): Promise<Raw> {
  const socket = connect({ host: "127.0.0.1", port: fixture.port, allowHalfOpen: true });
  t.after(() => socket.destroy());
  let received = "";
  socket.on("data", (chunk) => (received += chunk.toString("latin1")));
  socket.on("error", () => undefined);
  let isOver = false;
  const over = new Promise<void>((resolve) => {
    const end = (): void => {
      isOver = true;
      resolve();
    };
    socket.once("end", end);
    socket.once("close", end);
  });
  await once(socket, "connect");
  return {
    socket,
    closed: async () => {
      await over;
      return received;
    },
    until: async (pattern) => {
      while (!pattern.test(received)) {
        if (isOver) throw new Error(`closed before ${pattern}: ${JSON.stringify(received)}`);
        await Promise.race([once(socket, "data"), over]);
      }
      return received;
    },
  };
}

/** Sends bytes and returns all bytes that arrive until the server closes. */
export async function exchangeRaw(t: TestContext, fixture: Pick<Fixture, "port">, bytes: string): Promise<string> {
  const raw = await open(t, fixture);
  raw.socket.write(bytes, "latin1");
  const reply = await raw.closed();
  raw.socket.destroy();
  return reply;
}

/** A latch: a promise and the functions that settle it. */
export function latch<T = void>(): { promise: Promise<T>; open: (value: T) => void } {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { promise, open: resolve };
}

/** Waits, without a clock, until the condition is true. The event loop runs meanwhile. */
export async function until(condition: () => boolean, deadlineMs = 5_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A folder with these files, as the assets of a service. It is removed after the test. */
export async function assetsIn(
  t: TestContext,
  files: Record<string, string | Buffer>,
  visibility: Visibility = "public",
): Promise<{ folder: string; assets: AssetResource[] }> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "offhook-assets-")));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
  const assets: AssetResource[] = [];
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    assets.push({ kind: "asset", path, file, visibility });
  }
  return { folder, assets };
}
