/**
 * The one reply of an invocation: its headers for browsers, the answers that the wrappers give themselves, and the
 * callback, which is called once.
 */
import { textOf } from "./failure.ts";
import type { FunctionCallback, FunctionContext } from "./function-types.ts";
import { isHttpError } from "./http-error.ts";
import { invocationOf } from "./invocation.ts";
import { newResponse, type ReadableResponse } from "./payload.ts";

/** Hears of the reply before the callback does, which waits for it. */
export type Interceptor = (error: unknown, payload: unknown) => Promise<void> | void;

export class Replier {
  readonly context: FunctionContext;
  /** What the handler is given, and what errors are answered with. */
  readonly response: ReadableResponse;
  readonly #callback: FunctionCallback;
  #hasReplied = false;
  /** Runs before the callback is called, and is waited for. */
  beforeReply: Interceptor | undefined;

  constructor(context: FunctionContext, callback: FunctionCallback, allowedHeaders: string) {
    this.context = context;
    this.#callback = callback;
    this.response = newResponse();
    this.response.appendHeader("Access-Control-Allow-Origin", "*");
    this.response.appendHeader("Access-Control-Allow-Methods", "GET,POST,OPTIONS");
    this.response.appendHeader("Content-Type", "application/json");
    this.response.appendHeader("Access-Control-Allow-Headers", allowedHeaders);
  }

  get hasReplied(): boolean {
    return this.#hasReplied;
  }

  /** Of the handler: the first call counts. */
  readonly callback: FunctionCallback = (error, payload) => {
    if (this.#hasReplied) return undefined;
    this.#hasReplied = true;
    this.#setRetryAfter(payload);
    const kept = this.beforeReply?.(error, payload);
    if (kept === undefined) return this.#callback(error, payload);
    // Handlers need not wait for their callback, so what becomes of it is seen to here.
    return kept.then(() => this.#callback(error, payload)).catch((problem: unknown) => this.fail(problem));
  };

  /** Of the handler: an error becomes a reply (contract 1.3), an `HttpError` the one that it describes. */
  readonly handleError = (error: unknown): unknown => {
    const { context } = this;
    if (isHttpError(error)) {
      if (error.status >= 500) console.error(`(${context.PATH}) ${textOf(error)}`);
      for (const [name, value] of Object.entries(error.headers)) this.#setHeader(name, value);
      return this.reply(error.status, error.body);
    }
    const message = textOf(error);
    console.error(`(${context.PATH}) Unexpected error occurred: ${message}`);
    return this.reply(500, { success: false, message });
  };

  reply(status: number, body: unknown): unknown {
    // The response may be on its way still, while it is being kept.
    if (this.#hasReplied) return undefined;
    this.response.setStatusCode(status);
    this.response.setBody(body);
    return this.callback(null, this.response);
  }

  /** What nobody has caught: the reply, or a line in the log if there is one already. */
  fail(error: unknown): unknown {
    if (!this.#hasReplied) return this.handleError(error);
    console.error(`(${this.context.PATH}) Unexpected error occurred after the callback: ${textOf(error)}`);
    return undefined;
  }

  /** In place of what is there, however its name is written: a reply with two content types is none. */
  #setHeader(name: string, value: string): void {
    const headers: Record<string, unknown> = this.response.headers ?? {};
    const key = name.toLowerCase();
    // Of cookies there may be several.
    const replaced = key === "set-cookie" ? [] : Object.keys(headers).filter((each) => each.toLowerCase() === key);
    for (const known of replaced) delete headers[known];
    this.response.appendHeader(name, value);
  }

  /** A call was given up that may go well later, and the handler passes its status on. */
  #setRetryAfter(payload: unknown): void {
    const { givenUp } = invocationOf(this.context);
    if (givenUp === undefined || payload !== this.response) return;
    const { statusCode, headers = {} } = this.response;
    if (statusCode !== givenUp.status) return;
    if (!Object.hasOwn(headers, "Retry-After")) {
      this.response.appendHeader("Retry-After", String(givenUp.retryAfterSeconds));
    }
    // Scripts of other origins cannot read it otherwise.
    this.response.appendHeader("Access-Control-Expose-Headers", "Retry-After");
  }
}
