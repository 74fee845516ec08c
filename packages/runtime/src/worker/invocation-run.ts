/**
 * One invocation from its event to its reply, and to what it leaves behind.
 *
 *     received ─▶ event ─▶ handler loaded ─▶ running ─▶ replied ─▶ settled
 *         any step may fail ────────────────────────────▲
 *
 * The first reply wins: `callback`, a throw, a rejection, an uncaught error, whichever comes first.
 */
import type { FailureCode, Invoke, SerializedError, Setup } from "../protocol/messages.ts";
import { isErrorLike, serializeError } from "./author-error.ts";
import { buildContext } from "./context.ts";
import { buildEvent, EventError, type ParameterSource } from "./event.ts";
import { InvocationWork } from "./leftovers.ts";
import { HandlerMissingError, type Handler, type HandlerLoader } from "./load.ts";
import { sendWithNext, send } from "./outlet.ts";
import { errorReplyFrom, replyFrom, ReplyError } from "./reply.ts";
import type { TwilioPackage } from "./twilio-package.ts";

const { AsyncLocalStorage } = process.getBuiltinModule("node:async_hooks");

const now = performance.now.bind(performance);
// User code may replace it.
const { floor } = Math;

/** Which invocation the code at hand belongs to, across its asynchronous steps. */
export const runs = new AsyncLocalStorage<InvocationRun>();

/** Told of what an author may have meant otherwise. */
export interface RunObserver {
  /** The handler has returned, or what it returned has come to an end. */
  onHandlerEnded(run: InvocationRun, returned: unknown): void;
  onCallback(run: InvocationRun, error: unknown, payload: unknown): void;
  /** A parameter called `request` has taken the place of the headers and cookies. */
  onRequestReplaced(run: InvocationRun, source: ParameterSource): void;
  /** Before it is said. @param parameters of its event. */
  onFailure(run: InvocationRun, parameters: readonly string[]): void;
}

export interface RunParts {
  readonly setup: Setup;
  readonly loader: HandlerLoader;
  readonly twilio: TwilioPackage;
  /** Module scope has just run: what it did is how things are from now on. */
  onLoaded(): void;
  /** Its handler is called next. */
  beforeHandler(run: InvocationRun): void;
  onReplied(run: InvocationRun): void;
  /** The handler failed after it had called back: nobody is left to answer, but it must not get lost. */
  onLateFailure(run: InvocationRun, error: unknown): void;
  /** In development. */
  readonly observer?: RunObserver | undefined;
  /** Others wait in this isolate's pipe: the machine is busy, and a wake-up saved is time for them. */
  isCrowded(): boolean;
  /** Where the first invocation is to stop in a debugger: makes that it does. Taken away by who calls it. */
  beforeFirst?: ((handler: Handler, file: string) => void) | undefined;
}

export class InvocationRun {
  readonly id: number;
  readonly work = new InvocationWork();
  /** It failed in a way that may have left anything behind. */
  isTainted = false;
  readonly #invoke: Invoke;
  readonly #body: Buffer;
  readonly #parts: RunParts;
  readonly #onHandlerEnded: ((returned: unknown) => void) | undefined;
  #parameters: readonly string[] = [];
  #hasReplied = false;
  #startedAt = 0;
  #loadMs: number | undefined;
  /** Made when it is first needed: hardly any function asks, and hardly any caller goes. */
  #controller: AbortController | undefined;
  #getRemainingTimeInMillis: (() => number) | undefined;

  constructor(invoke: Invoke, body: Buffer, parts: RunParts) {
    this.id = invoke.id;
    this.#invoke = invoke;
    this.#body = body;
    this.#parts = parts;
    const { observer } = parts;
    if (observer !== undefined) this.#onHandlerEnded = (returned) => observer.onHandlerEnded(this, returned);
  }

  /** Its name. */
  get function(): string {
    return this.#invoke.function;
  }

  /** See `Invoke`. */
  get isCrowded(): boolean {
    return this.#invoke.isCrowded === true;
  }

  /** On the clock of `hrtime`; see `Invoke`. */
  get endsAtMs(): number | undefined {
    return this.#invoke.endsAtMs;
  }

  get hasReplied(): boolean {
    return this.#hasReplied;
  }

  start(): void {
    this.#startedAt = now();
    if (this.#invoke.isAbandoned) this.abort();
    const { setup, loader, observer } = this.#parts;
    const onReplaced = observer && ((source: ParameterSource) => observer.onRequestReplaced(this, source));
    let event;
    try {
      event = buildEvent(this.#invoke, this.#body, setup.limits.requestBytes, onReplaced);
    } catch (error) {
      return this.#fail(error instanceof EventError ? error.code : "body-malformed", error);
    }
    const name = this.#invoke.function;
    const wasLoaded = loader.isLoaded(name);
    let handler: Handler | Promise<Handler>;
    try {
      handler = loader.load(name);
    } catch (error) {
      return this.#failToLoad(error);
    }
    if (handler instanceof Promise) {
      handler.then(
        (loaded) => {
          this.#onLoaded();
          this.#run(loaded, event);
        },
        (error: unknown) => this.#failToLoad(error),
      );
      return;
    }
    if (!wasLoaded) this.#onLoaded();
    this.#run(handler, event);
  }

  #onLoaded(): void {
    this.#loadMs = this.tookMs;
    this.#parts.onLoaded();
  }

  #run(handler: Handler, event: Record<string, unknown>): void {
    if (this.#parts.beforeFirst !== undefined) this.#stopInDebugger(handler);
    if (this.#parts.observer !== undefined) this.#parameters = Object.keys(event);
    const context = buildContext(this.#invoke, this.#parts.setup, this.#parts.twilio, this);
    const callback = (error?: unknown, payload?: unknown): void => this.#callBack(error, payload);
    this.#parts.beforeHandler(this);
    runs.run(this, () => {
      try {
        const result = handler(context, event, callback);
        // What an async handler returns is ignored (row 41); that it failed is not.
        if (isThenable(result)) result.then(this.#onHandlerEnded, (error: unknown) => this.failWith(error));
        else this.#onHandlerEnded?.(result);
      } catch (error) {
        this.failWith(error);
      }
    });
  }

  #stopInDebugger(handler: Handler): void {
    this.#parts.beforeFirst?.(handler, this.#parts.setup.functions[this.#invoke.function] ?? "");
    this.#parts.beforeFirst = undefined;
  }

  /** Of `context`: aborted when the caller is gone. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** Of `context`: a function by itself, so that it can be handed on without the context. */
  get getRemainingTimeInMillis(): () => number {
    this.#getRemainingTimeInMillis ??= () => this.#remainingMs;
    return this.#getRemainingTimeInMillis;
  }

  /** Whole milliseconds until the time limit, rounded down; `Infinity` where there is none. */
  get #remainingMs(): number {
    const { timeoutMs } = this.#parts.setup;
    if (timeoutMs === undefined) return Infinity;
    const remaining = timeoutMs - (now() - this.#startedAt);
    return remaining > 0 ? floor(remaining) : 0;
  }

  /** The caller is gone. What listens is the function's own code, so it runs and fails as such. */
  abort(): void {
    if (this.#hasReplied) return;
    this.#controller ??= new AbortController();
    runs.run(this, () => {
      try {
        this.#controller?.abort(callerGone());
      } catch (error) {
        this.failWith(error);
      }
    });
  }

  /** The handler threw, rejected, or something it started did. */
  failWith(error: unknown): void {
    if (this.#hasReplied) this.#parts.onLateFailure(this, error);
    else this.#fail("handler-threw", error);
  }

  /** Falsy errors are success (C6). */
  #callBack(error: unknown, payload: unknown): void {
    this.#parts.observer?.onCallback(this, error, payload);
    if (this.#hasReplied) return;
    const { limits } = this.#parts.setup;
    try {
      if (!error) this.#reply(replyFrom(payload, limits));
      else if (isErrorLike(error)) this.#fail("callback-error", error);
      else this.#reply(errorReplyFrom(error, limits), "callback-error");
    } catch (problem) {
      this.#fail(problem instanceof ReplyError ? problem.code : "reply-not-serializable", problem);
    }
  }

  #reply(reply: ReturnType<typeof replyFrom>, failure?: FailureCode): void {
    // Building the reply ran the author's code (getters, toJSON), which may have replied meanwhile.
    if (this.#hasReplied) return;
    this.#hasReplied = true;
    const { status, headers, body } = reply;
    // At once; or, where others wait, at the end of this turn together with the report of what is left.
    // That costs an invocation its own reply if it loops for ever after `callback`, so only functions
    // whose recent invocations came to rest quickly have others waiting behind them.
    const sendReply = this.#parts.isCrowded() ? sendWithNext : send;
    sendReply({ kind: "reply", id: this.id, status, headers, loadMs: this.#loadMs, ...(failure && { failure }) }, body);
    this.#parts.onReplied(this);
  }

  #failToLoad(error: unknown): void {
    this.isTainted = !(error instanceof HandlerMissingError);
    this.#fail(this.isTainted ? "function-load-failed" : "handler-missing", error);
  }

  #fail(code: FailureCode, error: unknown): void {
    if (this.#hasReplied) return;
    this.#hasReplied = true;
    this.#parts.observer?.onFailure(this, this.#parameters);
    const described: SerializedError = serializeError(error);
    send({ kind: "failed", id: this.id, code, loadMs: this.#loadMs, error: described });
    this.#parts.onReplied(this);
  }

  /** A debugger held it for so long, which is not its time. */
  excludePause(ms: number): void {
    this.#startedAt += ms;
  }

  /** Milliseconds since the start. */
  get tookMs(): number {
    return Math.round((now() - this.#startedAt) * 100) / 100;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

/** Named as Node and `fetch` name it: code that tells an abort from a failure needs nothing new. */
function callerGone(): Error {
  const error = new Error("The caller has disconnected");
  error.name = "AbortError";
  return Object.assign(error, { code: "client-disconnected" });
}
