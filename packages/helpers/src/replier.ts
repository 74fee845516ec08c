/**
 * Sends the one reply of an invocation: sets its headers for browsers, makes the wrappers' own replies, and calls the
 * callback only once.
 */
import { textOf } from "./failure.ts";
import type { FunctionCallback, FunctionContext } from "./function-types.ts";
import { isHttpError } from "./http-error.ts";
import { invocationOf } from "./invocation.ts";
import { newResponse, type ReadableResponse } from "./payload.ts";

/** Gets the reply before the callback. The callback waits for its promise. */
export type Interceptor = (error: unknown, payload: unknown) => Promise<void> | void;

export class Replier {
  readonly context: FunctionContext;
  /** The response that the handler gets, and that replies to errors use. */
  readonly response: ReadableResponse;
  readonly #callback: FunctionCallback;
  #hasReplied = false;
  /** Runs before the callback, which waits for it. */
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

  /** The callback that the handler gets. Only the first call counts. */
  readonly callback: FunctionCallback = (error, payload) => {
    if (this.#hasReplied) return undefined;
    this.#hasReplied = true;
    this.#setRetryAfter(payload);
    const kept = this.beforeReply?.(error, payload);
    if (kept === undefined) return this.#callback(error, payload);
    // Handlers need not await their callback, so errors are handled here.
    return kept.then(() => this.#callback(error, payload)).catch((problem: unknown) => this.fail(problem));
  };

  /** The `handleError` that the handler gets. Replies to an error (contract 1.3), or as an `HttpError` says. */
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
    // The store may still be keeping the response, so it must not change.
    if (this.#hasReplied) return undefined;
    this.response.setStatusCode(status);
    this.response.setBody(body);
    return this.callback(null, this.response);
  }

  /** Handles an uncaught error: replies to it, or logs it if there was already a reply. */
  fail(error: unknown): unknown {
    if (!this.#hasReplied) return this.handleError(error);
    console.error(`(${this.context.PATH}) Unexpected error occurred after the callback: ${textOf(error)}`);
    return undefined;
  }

  /** Replaces a header, whatever the case of its name, because a reply with two content types is invalid. */
  #setHeader(name: string, value: string): void {
    const headers: Record<string, unknown> = this.response.headers ?? {};
    const key = name.toLowerCase();
    // A reply may have several cookies.
    const replaced = key === "set-cookie" ? [] : Object.keys(headers).filter((each) => each.toLowerCase() === key);
    for (const known of replaced) delete headers[known];
    this.response.appendHeader(name, value);
  }

  /** Sets `Retry-After` if a retryable call failed and the handler replies with its status. */
  #setRetryAfter(payload: unknown): void {
    const { givenUp } = invocationOf(this.context);
    if (givenUp === undefined || payload !== this.response) return;
    const { statusCode, headers = {} } = this.response;
    if (statusCode !== givenUp.status) return;
    if (!Object.hasOwn(headers, "Retry-After")) {
      this.response.appendHeader("Retry-After", String(givenUp.retryAfterSeconds));
    }
    // Without this header, scripts of other origins cannot read `Retry-After`.
    this.response.appendHeader("Access-Control-Expose-Headers", "Retry-After");
  }
}
