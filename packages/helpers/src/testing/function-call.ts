/**
 * One invocation of a function, from outside.
 */
import timers from "node:timers";
import { fakeContext } from "./fake-context.ts";
import { replyOf, type FunctionReply } from "./function-reply.ts";

// Taken before a test can put fake ones in their place: the limit is for the test, not for the function.
const { setTimeout: startTimer, clearTimeout: stopTimer, setImmediate: soon } = timers;

/* oxlint-disable typescript/no-explicit-any -- authors give their handlers narrower types, each its own */
/** `exports.handler`, however it is typed. */
type Handler = (context: any, event: any, callback: any) => unknown;
/* oxlint-enable typescript/no-explicit-any */

/** A handler, or what `require` or `import` of its file gives. */
export type Callable = Handler | { readonly handler: Handler } | { readonly default: { readonly handler: Handler } };

export interface CallOptions {
  /** What `fakeContext()` gives, or only variables, which it is then called with. */
  readonly context?: object;
  /** Passed on as it is; one without `request` is copied and gets an empty one, as platforms always have one. */
  readonly event?: object;
  /** How long it may take until it calls back, in real milliseconds. By default 10,000. */
  readonly timeoutMs?: number;
}

/**
 * Calls a function as a platform does, and waits for its `callback`.
 * @returns what the caller would get. An error given to `callback` is a reply too: a 500, with `error`.
 * @throws the handler's own error, itself, where it throws or rejects before it calls back; an Error where it does not
 * call back in time, and where there is no handler.
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
  throw new TypeError("There is no handler: give callFunction() a function, or a module that exports `handler`");
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
      // A second call that follows at once, or an error, is seen by whoever looks at the reply.
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
      state = "waits for something";
      returned.then((value) => (state = `has ended${describe(value)}`), fail);
    } catch (error) {
      fail(error);
    }
  });
}

/** Platforms ignore it, which is why it is worth a word. */
function describe(returned: unknown): string {
  return returned === undefined ? "" : ` with a ${typeof returned}, which platforms ignore`;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}
