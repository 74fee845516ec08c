import { request as requestHttp, type IncomingMessage, type RequestOptions } from "node:http";
import { request as requestHttps } from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import { encodeForm, sign, type FormParameters } from "./signature.ts";

/** An answer, with its bytes. */
export interface Reply {
  readonly status: number;
  /** By lower-case name; repeated ones as arrays where Node keeps them apart (`set-cookie`). */
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
  /** Sent as a form, with its content type; a string is sent as it is. */
  readonly form?: FormParameters | string;
  /** Sent as JSON, with its content type; a string is sent as it is. */
  readonly json?: unknown;
  readonly timeoutMs?: number;
}

export interface ClientOptions {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** What the server checks signatures with; absent where it is not known. */
  readonly authToken: string | undefined;
  /** Any 4xx will do where the contract knows only that a request is refused. */
  readonly lenient: boolean;
  /** What the server has logged; absent where the log cannot be read. */
  readonly logText: (() => string) | undefined;
  /** The folder that the server serves; absent where it is out of reach. */
  readonly folder: string | undefined;
  /** Whether the project is a copy that was made for this run, with its node_modules. */
  readonly arranged: boolean;
  /** Rows in which the target does otherwise on purpose. */
  readonly differsIn?: readonly number[] | undefined;
}

/**
 * A client that sends what it is told: GET with a body, paths that nobody would normalise, repeated headers.
 * That is why it stands on `node:http`: `fetch` is too polite for half of the contract.
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

  /** A form POST as Twilio would send it: signed. */
  postSigned(path: string, form: FormParameters): Promise<Reply> {
    const signature = sign(this.authToken(), this.options.baseUrl + path, form);
    return this.post(path, { form, headers: { "x-twilio-signature": signature } });
  }

  /** The token to sign with. A wrong one fails the rows that need it, which is what the person should see. */
  authToken(): string {
    return this.options.authToken ?? "";
  }

  async send(path: string, options: RequestOf = {}): Promise<Reply> {
    const base = new URL(this.options.baseUrl);
    const { body, type } = bodyOf(options);
    const headers: Record<string, string | string[]> = { ...options.headers };
    if (type !== undefined && headers["content-type"] === undefined) headers["content-type"] = type;
    // Node writes no length for a GET of its own accord, and a body without one is a chunked body.
    if (body !== undefined) headers["content-length"] = String(Buffer.byteLength(body));
    const requestOptions: RequestOptions = {
      // `URL` keeps the brackets of an IPv6 host; the resolver does not want them.
      host: base.hostname.replace(/^\[|\]$/g, ""),
      port: base.port,
      path,
      method: options.method ?? "GET",
      headers,
      agent: false,
      // More than any limit of the contract: a reply that is too large must be seen to be judged.
      maxHeaderSize: 128 * 1024,
    };
    const startedAt = performance.now();
    return new Promise((resolve, reject) => {
      const request = (base.protocol === "https:" ? requestHttps : requestHttp)(requestOptions);
      // Throws for headers that Node will not send, before there is anything to clear away.
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
      // A server that refuses a body early closes while it is still being sent: the reply may be right
      // behind the broken pipe, so it gets a moment.
      request.on("error", (error) => {
        void delay(100).then(() => {
          clearTimeout(timer);
          reject(error);
        });
      });
    });
  }

  /** A name under which a handler may leave a mark. */
  newMark(): string {
    this.#markCount += 1;
    return `${process.pid}-${Date.now().toString(36)}-${this.#markCount}`;
  }

  /** Whether a handler left the mark. Takes it away. */
  async wasMarked(id: string): Promise<boolean> {
    const reply = await this.get(`/marked?id=${id}`);
    const seen: unknown = reply.status === 200 ? JSON.parse(reply.text) : undefined;
    if (typeof seen === "object" && seen !== null && "marked" in seen) return seen.marked === true;
    throw new Error(`/marked does not tell: ${reply.status} ${reply.text.slice(0, 80)}`);
  }

  /**
   * Whether a mark that one call leaves can be found by the next. Not so where instances have a /tmp each:
   * there the absence of a mark proves nothing.
   */
  doMarksLast(): Promise<boolean> {
    this.#marksLast ??= (async () => {
      const id = this.newMark();
      const reply = await this.get(`/mark?id=${id}`);
      if (reply.text !== "marked") throw new Error(`/mark does not run: ${reply.status} ${reply.text.slice(0, 80)}`);
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
