import { request as requestHttp, type IncomingMessage, type RequestOptions } from "node:http";
import { request as requestHttps } from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import { encodeForm, sign, type FormParameters } from "./signature.ts";

/** An answer, with its bytes. */
export interface Reply {
  readonly status: number;
  /** By lower-case name. Repeated ones are arrays if Node keeps them apart (`set-cookie`). */
  readonly headers: IncomingMessage["headers"];
  /** Every value of one header, in order. */
  readonly valuesOf: (name: string) => readonly string[];
  readonly body: Buffer;
  readonly text: string;
  readonly durationMs: number;
}

export interface RequestOf {
  readonly method?: string;
  /** An array sends the header several times. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
  /** Sent as a form, with its content type. A string is sent as it is. */
  readonly form?: FormParameters | string;
  /** Sent as JSON, with its content type. A string is sent as it is. */
  readonly json?: unknown;
  readonly timeoutMs?: number;
}

export interface ClientOptions {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** The token with which the server checks signatures. Absent if unknown. */
  readonly authToken: string | undefined;
  /** Whether any 4xx passes if the contract only says that a request is refused. */
  readonly lenient: boolean;
  /** The server's log. Absent if it cannot be read. */
  readonly logText: (() => string) | undefined;
  /** The folder that the server serves. Absent if it cannot be reached. */
  readonly folder: string | undefined;
  /** Whether the project is a copy that was made for this run, with its node_modules. */
  readonly arranged: boolean;
  /** Rows from which the target deviates on purpose. */
  readonly differsIn?: readonly number[] | undefined;
}

/**
 * A client that sends requests unchanged: GET with a body, paths without normalisation, repeated headers.
 * It therefore uses `node:http`, because `fetch` would change half of these requests.
 */
export class Client {
  readonly options: ClientOptions;
  #marksLast: Promise<boolean> | undefined;
  #markCount = 0;

  constructor(options: ClientOptions) {
    this.options = options;
  }

  get(path: string, options: RequestOf = {}): Promise<Reply> {
    return this.send(path, options);
  }

  post(path: string, options: RequestOf = {}): Promise<Reply> {
    return this.send(path, { method: "POST", ...options });
  }

  /** A signed form POST, as Twilio sends it. */
  postSigned(path: string, form: FormParameters): Promise<Reply> {
    const signature = sign(this.authToken(), this.options.baseUrl + path, form);
    return this.post(path, { form, headers: { "x-twilio-signature": signature } });
  }

  /** The token to sign with. With a wrong one, the rows that need it fail, so that the user notices it. */
  authToken(): string {
    return this.options.authToken ?? "";
  }

  async send(path: string, options: RequestOf = {}): Promise<Reply> {
    const base = new URL(this.options.baseUrl);
    const { body, type } = bodyOf(options);
    const headers: Record<string, string | string[]> = { ...options.headers };
    if (type !== undefined && headers["content-type"] === undefined) headers["content-type"] = type;
    // Node does not add a length to a GET, and would send a body without one in chunks.
    if (body !== undefined) headers["content-length"] = String(Buffer.byteLength(body));
    const requestOptions: RequestOptions = {
      // `URL` keeps the brackets of an IPv6 host, but the resolver does not accept them.
      host: base.hostname.replace(/^\[|\]$/g, ""),
      port: base.port,
      path,
      method: options.method ?? "GET",
      headers,
      agent: false,
      // More than any limit of the contract, so that a check can see a reply that is too large.
      maxHeaderSize: 128 * 1024,
    };
    const startedAt = performance.now();
    return new Promise((resolve, reject) => {
      const request = (base.protocol === "https:" ? requestHttps : requestHttp)(requestOptions);
      // Throws for headers that Node does not send, before there is anything to clean up.
      request.end(body);
      const timeoutMs = options.timeoutMs ?? 20_000;
      const timer = setTimeout(() => {
        request.destroy(new Error(`no reply within ${timeoutMs} ms`));
      }, timeoutMs);
      request.on("response", (message) => {
        collect(message, startedAt)
          .then(resolve, reject)
          .finally(() => clearTimeout(timer));
      });
      // A server that refuses a body early closes the connection while the client still sends. The reply may follow the
      // broken pipe, so wait a moment.
      request.on("error", (error) => {
        void delay(100).then(() => {
          clearTimeout(timer);
          reject(error);
        });
      });
    });
  }

  /** An id for a handler's mark. */
  newMark(): string {
    this.#markCount += 1;
    return `${process.pid}-${Date.now().toString(36)}-${this.#markCount}`;
  }

  /** Whether a handler left the mark. Removes it. */
  async wasMarked(id: string): Promise<boolean> {
    const reply = await this.get(`/marked?id=${id}`);
    const seen: unknown = reply.status === 200 ? JSON.parse(reply.text) : undefined;
    if (typeof seen === "object" && seen !== null && "marked" in seen) return seen.marked === true;
    throw new Error(`/marked does not work: ${reply.status} ${reply.text.slice(0, 80)}`);
  }

  /**
   * Whether the next call can find a mark of an earlier one. If each instance has its own /tmp, it cannot, and a
   * missing mark proves nothing.
   */
  doMarksLast(): Promise<boolean> {
    this.#marksLast ??= (async () => {
      const id = this.newMark();
      const reply = await this.get(`/mark?id=${id}`);
      if (reply.text !== "marked") throw new Error(`/mark does not work: ${reply.status} ${reply.text.slice(0, 80)}`);
      return this.wasMarked(id);
    })();
    return this.#marksLast;
  }
}

function bodyOf(options: RequestOf): { body?: string; type?: string } {
  if (options.form !== undefined) {
    const body = typeof options.form === "string" ? options.form : encodeForm(options.form);
    return { body, type: "application/x-www-form-urlencoded" };
  }
  if (options.json !== undefined) {
    const body = typeof options.json === "string" ? options.json : JSON.stringify(options.json);
    return { body, type: "application/json" };
  }
  return options.body === undefined ? {} : { body: options.body };
}

async function collect(message: IncomingMessage, startedAt: number): Promise<Reply> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const { rawHeaders } = message;
  return {
    status: message.statusCode ?? 0,
    headers: message.headers,
    valuesOf: (name) => rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name),
    body,
    text: body.toString("utf8"),
    durationMs: performance.now() - startedAt,
  };
}
