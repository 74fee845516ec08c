/**
 * A stand-in for `offhook dev`: it serves the page, and answers the API of `src/api.ts` with made-up data. To run it by
 * hand:
 *
 *     node --conditions=offhook-source packages/dashboard/test/fake-server.ts [--busy]
 *
 * Requests to any other path become exchanges. `--busy` also makes some automatically.
 */
import { createHmac, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import type {
  Exchange,
  ExchangePage,
  NamedRequest,
  Project,
  SavedRequest,
  SendRequest,
  SendResult,
  StreamEvent,
} from "../src/api.ts";
import * as source from "../src/site.ts";
import { sampleExchange, summaryOf, usualRequests, type SampleRequest } from "./sample-exchanges.ts";
import { sampleProject, sampleSimulations } from "./sample-project.ts";

export interface FakeServer {
  readonly url: string;
  readonly token: string;
  readonly resumeKey: string;
  /** The token that the page carries. */
  readonly page: string;
  /** Newest last. */
  readonly exchanges: readonly Exchange[];
  /** The API requests so far, such as `POST send`, with their bodies. */
  readonly asked: readonly { readonly what: string; readonly body: string }[];
  /** A request arrives and is answered. */
  arrive: (request: SampleRequest, change?: Partial<Exchange>) => Exchange;
  publish: (event: StreamEvent) => void;
  setProject: (change: Partial<Project>) => void;
  /** Number of open event streams. */
  watching: () => number;
  /** Ends the event streams, as a broken network does. */
  cutStreams: () => void;
  /** Makes the next request to this part of the API fail. */
  failNext: (what: string, message: string) => void;
  [Symbol.asyncDispose]: () => Promise<void>;
}

const pageSize = 200;

/** The files of the page: those of the checkout, or the published ones. */
export type Site = typeof source;

interface FakeServerOptions {
  readonly port?: number;
  readonly token?: string;
  /** The resume key of an earlier server, so that its pages can resume here. */
  readonly resumeKey?: string;
  readonly site?: Site;
}

export async function startFakeServer({
  port = 0,
  token = randomBytes(16).toString("hex"),
  resumeKey = randomBytes(16).toString("hex"),
  site = source,
}: FakeServerOptions = {}): Promise<FakeServer> {
  const streams = new Set<ServerResponse>();
  const asked: { what: string; body: string }[] = [];
  const failures = new Map<string, string>();
  let exchanges: Exchange[] = [];
  let saved: NamedRequest[] = [];
  const conversations = new Map<string, string>();
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const challenge = randomBytes(16).toString("hex");
  let project = sampleProject(url);

  const publish = (event: StreamEvent): void => {
    for (const stream of streams) stream.write(`event: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`);
  };
  const arrive: FakeServer["arrive"] = (request, change = {}) => {
    const exchange = { ...sampleExchange(request), ...change };
    exchanges.push(exchange);
    const { status, durationMs: _, ...begun } = summaryOf(exchange);
    if (status !== undefined) publish({ kind: "exchange", exchange: begun });
    publish({ kind: "exchange", exchange: summaryOf(exchange) });
    return exchange;
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", url);
    const body = await textOf(request);
    const path = pathname.slice(1);
    if (path === "") return sendPage(response, searchParams.has("code") ? token : "", url, site);
    const file = site.readSiteFile(path);
    if (file !== undefined) return send(response, 200, file.type, file.body);
    if (!path.startsWith("api/")) {
      const { method = "GET", url: target = "/" } = request;
      return replyWith(response, arrive({ method, target, body }));
    }
    const what = path.slice("api/".length);
    if (what === "resume") {
      const { proof } = JSON.parse(body) as { proof: string };
      const expected = createHmac("sha256", resumeKey).update(challenge).digest("base64url");
      if (proof === expected) return sendJson(response, { token });
    }
    if ((request.headers["x-offhook-token"] ?? searchParams.get("token")) !== token) {
      const error = { code: "token-invalid", message: "This tab has no access." };
      return send(response, 403, "application/json", JSON.stringify({ error, challenge }));
    }
    if (what === "session") return sendJson(response, { resumeKey });
    asked.push({ what: `${request.method} ${what}`, body });
    const failure = failures.get(what);
    failures.delete(what);
    if (failure !== undefined) return fail(response, 500, "MADE_UP", failure);
    api(what, searchParams, body, response);
  }

  function api(what: string, query: URLSearchParams, body: string, response: ServerResponse): void {
    const [, id, part] = /^exchanges\/(\w+)(?:\/(\w+))?$/.exec(what) ?? [];
    if (id !== undefined) return oneExchange(id, part, response);
    const [, deleted] = /^saved-requests\/(.+)\/delete$/.exec(what) ?? [];
    if (deleted !== undefined) {
      saved = saved.filter(({ name }) => name !== decodeURIComponent(deleted));
      return sendJson(response, saved);
    }
    if (what.startsWith("conversations/")) {
      if (body === "") return send(response, 200, "application/json", conversations.get(what) ?? "null");
      conversations.set(what, body);
      return void response.writeHead(204).end();
    }
    switch (what) {
      case "project":
        return sendJson(response, project);
      case "simulations":
        return sendJson(response, sampleSimulations);
      case "exchanges":
        return sendJson(response, pageBefore(query.get("before")));
      case "stream":
        response.writeHead(200, { "content-type": "text/event-stream" }).write("retry: 200\n\n");
        streams.add(response);
        return void response.on("close", () => streams.delete(response));
      case "send":
        return sendJson(response, sentOf(arriveSent(JSON.parse(body) as SendRequest)));
      case "mask":
        return sendJson(response, maskedToken(JSON.parse(body) as SavedRequest));
      case "saved-requests": {
        if (body === "") return sendJson(response, saved);
        const request = JSON.parse(body) as NamedRequest;
        saved = [...saved.filter(({ name }) => name !== request.name), { ...request, ...maskedToken(request) }];
        return sendJson(response, saved);
      }
      case "har":
        return sendJson(response, {
          log: { version: "1.2", entries: exchanges.map(({ id: each }) => ({ comment: each })) },
        });
      case "clear":
        exchanges = exchanges.filter(({ startedAt }) => startedAt > Number(query.get("until") ?? Infinity));
        return void response.writeHead(204).end();
      case "open":
        return void response.writeHead(204).end();
      default:
        return fail(response, 404, "NO_SUCH_PART", "There is no such part of the API.");
    }
  }

  function oneExchange(id: string, part: string | undefined, response: ServerResponse): void {
    const exchange = exchanges.find((each) => each.id === id);
    if (exchange === undefined) return fail(response, 404, "NO_SUCH_EXCHANGE", "This request is not kept any more.");
    const { method, request } = exchange;
    switch (part) {
      case "curl":
        return send(response, 200, "text/plain", `curl -X ${method} '${url}${request.target}'`);
      case "test":
        return sendJson(response, { file: `test${exchange.path}.test.js` });
      case "replay": {
        const { target, headers } = request;
        const again = arrive({ method, target, headers, body: request.body.text, origin: "replay" });
        return sendJson(response, sentOf(again));
      }
      default:
        return sendJson(response, { keepsSecrets: true, isTestable: exchange.code === undefined, ...exchange });
    }
  }

  function arriveSent({ target, method, headers, fields, body, isSigned }: SendRequest): Exchange {
    const form =
      fields && new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString();
    const made = {
      method,
      target,
      origin: "page" as const,
      ...(headers !== undefined && { headers }),
      body: body ?? form ?? "",
    };
    return arrive(made, target === "/status" && isSigned ? signedStatus : {});
  }

  function pageBefore(before: string | null): ExchangePage {
    const end = before === null ? exchanges.length : exchanges.findIndex(({ id }) => id === before);
    const shown = exchanges.slice(Math.max(0, end - pageSize), Math.max(0, end));
    const oldest = shown[0];
    const isLast = end <= pageSize || oldest === undefined;
    return { exchanges: shown.toReversed().map(summaryOf), ...(!isLast && { before: oldest.id }) };
  }

  return {
    url,
    token,
    resumeKey,
    page: `${url}/?code=made-up`,
    get exchanges() {
      return exchanges;
    },
    asked,
    arrive,
    publish,
    setProject: (change) => {
      project = { ...project, ...change };
      publish({ kind: "project" });
    },
    watching: () => streams.size,
    cutStreams: () => {
      for (const stream of streams) stream.destroy();
    },
    failNext: (what, message) => void failures.set(what, message),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Knows only one secret name. */
function maskedToken(request: SavedRequest): SavedRequest {
  return {
    ...request,
    fields: request.fields.map(([name, value]) => [name, name === "Token" ? "•••" : value]),
    headers: request.headers.map(([name, value]) => [name, name === "authorization" ? "•••" : value]),
  };
}

const signedStatus: Partial<Exchange> = {
  status: 204,
  reply: { status: 204, headers: [], body: { bytes: 0, text: "", encoding: "utf8", isCut: false } },
  hints: [],
};

function sentOf({ id, status = 0, reply }: Exchange): SendResult {
  const body = { bytes: 0, text: "", encoding: "utf8", isCut: false } as const;
  return { id, status, headers: reply?.headers ?? [], body: reply?.body ?? body, cookies: [] };
}

function sendPage(response: ServerResponse, token: string, url: string, site: Site): void {
  const nonce = randomBytes(16).toString("base64");
  response.setHeader("content-security-policy", site.contentSecurityPolicy(nonce, url));
  send(response, 200, "text/html; charset=utf-8", site.pageHtml({ token, nonce }));
}

function replyWith(response: ServerResponse, { reply, status = 500 }: Exchange): void {
  const type = reply?.headers.find(([name]) => name === "content-type")?.[1] ?? "text/plain";
  send(response, status, type, reply?.body.text ?? "");
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": type, "x-content-type-options": "nosniff" }).end(body);
}

function sendJson(response: ServerResponse, value: unknown): void {
  send(response, 200, "application/json", JSON.stringify(value));
}

function fail(response: ServerResponse, status: number, code: string, message: string): void {
  send(response, status, "application/json", JSON.stringify({ error: { code, message } }));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

if (import.meta.main) {
  const server = await startFakeServer({ port: Number(process.env["PORT"] ?? 3100) });
  const start = Date.now() - usualRequests.length * 1000;
  usualRequests.forEach((request, index) => server.arrive({ ...request, startedAt: start + index * 1000 }));
  console.log(server.page);
  let count = 0;
  const arriveNext = (): void => {
    const next = usualRequests[count++ % usualRequests.length];
    if (next !== undefined) server.arrive(next);
  };
  if (process.argv.includes("--busy")) setInterval(arriveNext, 1500);
}
