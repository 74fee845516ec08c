/**
 * A stand-in for Twilio's REST API, for tests: real HTTP over real TLS on loopback, for an unchanged `twilio` package.
 * A project only needs variables for it, so the functions stay as their authors wrote them:
 *
 *     twilio package ─▶ CONNECT api.twilio.com:443 ─▶ this proxy, which answers the TLS itself
 *
 * The package takes the proxy from `HTTP_PROXY`, but then ignores its `TWILIO_CA_BUNDLE`. The certificate is therefore
 * given to Node itself, which also covers other clients. Nothing is ever passed on to the real Twilio.
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmod, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";

interface TwilioRequest {
  readonly method: string;
  /** The host name, such as `api.twilio.com`. */
  readonly host: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Empty if the body is not a form. */
  readonly form: URLSearchParams;
  readonly body: string;
}

export interface TwilioReply {
  /** 200 by default. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as it is, anything else as JSON. Empty by default. */
  readonly body?: unknown;
}

/** `hang-up`: the connection ends without a reply. `stall`: it stays open without a reply. */
type TwilioAnswer = TwilioReply | "hang-up" | "stall";
type TwilioAnswerer = TwilioAnswer | ((request: TwilioRequest) => TwilioAnswer | Promise<TwilioAnswer>);

export interface TwilioApi {
  /** Lines for the project's `.env`. Add them before Offhook starts. */
  readonly variables: Readonly<Record<"HTTP_PROXY" | "NO_PROXY" | "NODE_EXTRA_CA_CERTS", string>>;
  /** The complete requests so far, in order. */
  readonly requests: readonly TwilioRequest[];
  /**
   * The newest matching route answers.
   * @param target host and path: `api.twilio.com/2010-04-01/Accounts/AC….json`, as a whole, or a pattern for a part of
   * it.
   * @param answers a list is used request by request, and its last answer is repeated.
   */
  on(method: string, target: string | RegExp, answers: TwilioAnswerer | readonly TwilioAnswerer[]): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface TwilioApiOptions {
  /** A temporary folder for the certificate. Isolates may have their own user, so everyone must be able to enter it. */
  readonly folder: string;
}

export async function startTwilioApi({ folder }: TwilioApiOptions): Promise<TwilioApi> {
  const certificate = await makeCertificate(folder);
  const routes: Route[] = [];
  const requests: TwilioRequest[] = [];
  const sockets = new Set<Socket>();

  const api = createTlsServer(certificate.pair, (incoming, response) => {
    // A client may disconnect during its reply. The test ignores that.
    answer(incoming, response).catch(() => response.destroy());
  });
  const proxy = createServer((_incoming, response) => void response.writeHead(405).end());
  proxy.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  });
  proxy.on("connect", (incoming, stream, head) => tunnel(api, incoming, stream, head));

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await requestFrom(incoming);
    requests.push(request);
    const reply = await answerTo(routes, request);
    if (reply === "stall") return;
    if (reply === "hang-up") incoming.socket.destroy();
    else write(response, reply);
  }

  async function close(): Promise<void> {
    if (!proxy.listening) return;
    const closed = once(proxy, "close");
    proxy.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const { port } = proxy.address() as AddressInfo;
  return {
    variables: {
      HTTP_PROXY: `http://127.0.0.1:${port}`,
      // Clients of local services would otherwise use the proxy too.
      NO_PROXY: "127.0.0.1,localhost",
      NODE_EXTRA_CA_CERTS: certificate.file,
    },
    requests,
    on(method, target, answers) {
      routes.unshift({ method, target, answers: isList(answers) ? [...answers] : [answers] });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** An error in Twilio's format, for `on`. */
export function twilioError(
  status: number,
  code: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): TwilioReply {
  return { status, headers, body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status } };
}

/** With or without a Retry-After, in seconds. */
export function tooManyRequests(retryAfterSeconds?: number): TwilioReply {
  const headers = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  return twilioError(429, 20429, "Too Many Requests", headers);
}

export function notFound(path: string): TwilioReply {
  return twilioError(404, 20404, `The requested resource ${path} was not found`);
}

interface Route {
  readonly method: string;
  readonly target: string | RegExp;
  /** The remaining answers. */
  readonly answers: TwilioAnswerer[];
}

function isList(answers: TwilioAnswerer | readonly TwilioAnswerer[]): answers is readonly TwilioAnswerer[] {
  return Array.isArray(answers);
}

async function answerTo(routes: readonly Route[], request: TwilioRequest): Promise<TwilioAnswer> {
  const target = request.host + request.path;
  const route = routes.find(
    (one) =>
      one.method === request.method &&
      (typeof one.target === "string" ? one.target === target : target.search(one.target) !== -1),
  );
  const [next] = route?.answers ?? [];
  if (route === undefined || next === undefined) return notFound(request.path);
  if (route.answers.length > 1) route.answers.shift();
  if (typeof next !== "function") return next;
  try {
    return await next(request);
  } catch (error) {
    // If a test asserts something in there, its author should see the message.
    return twilioError(500, 20500, String(error));
  }
}

async function requestFrom(incoming: IncomingMessage): Promise<TwilioRequest> {
  const { method = "", headers } = incoming;
  const body = await text(incoming);
  const { hostname, pathname, searchParams } = new URL(incoming.url ?? "", `https://${headers.host}`);
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
  const form = new URLSearchParams(isForm ? body : "");
  return { method, host: hostname, path: pathname, query: searchParams, headers, form, body };
}

function write(response: ServerResponse, { status = 200, headers = {}, body }: TwilioReply): void {
  response.writeHead(status, { "content-type": "application/json;charset=utf-8", ...headers });
  if (body === undefined) response.end();
  else response.end(typeof body === "string" ? body : JSON.stringify(body));
}

function tunnel(api: TlsServer, { url = "" }: IncomingMessage, stream: Duplex, head: Buffer): void {
  if (!/^(?:[\w-]+\.)*twilio\.com:443$/.test(url)) {
    stream.end(`HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    return;
  }
  stream.write("HTTP/1.1 200 Connection Established\r\n\r\n");
  if (head.length > 0) stream.unshift(head);
  api.emit("connection", stream);
}

/** A wildcard covers one label only, and regions add another label. */
const names = ["twilio.com", "*.twilio.com", "*.us1.twilio.com", "*.ie1.twilio.com", "*.au1.twilio.com"];

interface Certificate {
  /** Readable for all. */
  readonly file: string;
  readonly pair: { readonly key: string; readonly cert: string };
}

/** Makes a certificate authority. The key is in a file only until it is read. */
async function makeCertificate(folder: string): Promise<Certificate> {
  const [file, keyFile] = [join(folder, "twilio-api.pem"), join(folder, "twilio-api.key")];
  const kind = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=stand-in";
  const subjects = `subjectAltName=${names.map((name) => `DNS:${name}`).join()}`;
  const args = [...kind.split(" "), "-addext", subjects, "-keyout", keyFile, "-out", file];
  await promisify(execFile)("openssl", args);
  await chmod(file, 0o644);
  const [key, cert] = await Promise.all([readFile(keyFile, "utf8"), readFile(file, "utf8")]);
  await rm(keyFile);
  return { file, pair: { key, cert } };
}
