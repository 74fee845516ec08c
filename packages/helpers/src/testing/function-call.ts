/**
 * Invokes a function as a platform does.
 */
import timers from "node:timers";
import { fakeContext } from "./fake-context.ts";
import { replyOf, type FunctionReply } from "./function-reply.ts";

// Saved before a test can replace them with fake ones, because the limit is for the test, not for the function.
const { setTimeout: startTimer, clearTimeout: stopTimer, setImmediate: soon } = timers;

/* oxlint-disable typescript/no-explicit-any -- authors give their handlers narrower types, each its own */
/** `exports.handler`, with any type. */
type Handler = (context: any, event: any, callback: any) => unknown;
/* oxlint-enable typescript/no-explicit-any */

/** A handler, or the module that `require` or `import` of its file returns. */
export type Callable = Handler | { readonly handler: Handler } | { readonly default: { readonly handler: Handler } };

export interface CallOptions {
  /** A context from `fakeContext()`, or only variables, which are then passed to it. */
  readonly context?: object;
  /**
   * Passed on unchanged. An event without `request` is copied and gets an empty one, because platforms always provide
   * it.
   */
  readonly event?: object;
  /** Time limit for the callback, in real milliseconds. By default 10,000. */
  readonly timeoutMs?: number;
}

/**
 * Calls a function as a platform does, and waits for its `callback`.
 * @returns the reply that the caller would get. An error that is passed to `callback` is a reply too: a 500, with
 * `error`.
 * @throws the handler's own error, unchanged, if it throws or rejects before it calls back. An Error if it does not
 * call back in time, or if there is no handler.
 */
export async function callFunction(callable: Callable, options: CallOptions = {}): Promise<FunctionReply> {
  const handler = handlerOf(callable);
  const { context = {}, event = {}, timeoutMs = 10_000 } = options;
  const isContext = typeof (context as { getTwilioClient?: unknown }).getTwilioClient === "function";
  const request = { headers: {}, cookies: {} };
  return await invoke(handler, {
    context: isContext ? context : fakeContext(context as Record<string, unknown>),
    event: "request" in event ? event : { request, ...event },
    timeoutMs,
  });
}

function handlerOf(callable: Callable): Handler {
  if (typeof callable === "function") return callable;
  const { handler, default: inner } = (callable ?? {}) as { handler?: unknown; default?: { handler?: unknown } };
  const found = [handler, inner?.handler].find((each) => typeof each === "function");
  if (found !== undefined) return found as Handler;
  throw new TypeError("Missing handler: pass callFunction() a function, or a module that exports `handler`");
}

function invoke(handler: Handler, { context, event, timeoutMs }: Required<CallOptions>): Promise<FunctionReply> {
  return new Promise((resolve, reject) => {
    let callbackCount = 0;
    let errorAfterCallback: unknown;
    let state = "has not returned";
    const timer = startTimer(() => {
      reject(new Error(`The function did not call back within ${timeoutMs} ms: its handler ${state}`));
    }, timeoutMs);
    const callback = (error?: unknown, payload?: unknown): void => {
      callbackCount += 1;
      if (callbackCount > 1) return;
      stopTimer(timer);
      const reply = replyOf(
        { error, payload },
        { callbackCount: () => callbackCount, errorAfterCallback: () => errorAfterCallback },
      );
      // Resolve later, so that the reply shows a second call or an error that follows at once.
      soon(() => resolve(reply));
    };
    const fail = (error: unknown): void => {
      stopTimer(timer);
      if (callbackCount > 0) errorAfterCallback = error;
      else reject(error);
    };
    try {
      const returned: unknown = handler(context, event, callback);
      state = `has returned${describe(returned)}`;
      if (!isThenable(returned)) return;
      state = "is still waiting";
      returned.then((value) => (state = `has ended${describe(value)}`), fail);
    } catch (error) {
      fail(error);
    }
  });
}

/** Platforms ignore the value, so the message mentions it. */
function describe(returned: unknown): string {
  return returned === undefined ? "" : ` with a ${typeof returned}, which platforms ignore`;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}
