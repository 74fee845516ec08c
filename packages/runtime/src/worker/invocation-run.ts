/**
 * One invocation from its event to its reply, and until it is settled.
 *
 *     received ─▶ event ─▶ handler loaded ─▶ running ─▶ replied ─▶ settled
 *         any step may fail ────────────────────────────▲
 *
 * The first reply wins. It can come from `callback`, a throw, a rejection or an uncaught error.
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

/** Holds the invocation that the running code belongs to, across asynchronous steps. */
export const runs = new AsyncLocalStorage<InvocationRun>();

/** Receives events that may point to a mistake of the author. */
export interface RunObserver {
  /** The handler has returned, or the promise that it returned is fulfilled. */
  onHandlerEnded(run: InvocationRun, returned: unknown): void;
  onCallback(run: InvocationRun, error: unknown, payload: unknown): void;
  /** A parameter called `request` has replaced the headers and cookies. */
  onRequestReplaced(run: InvocationRun, source: ParameterSource): void;
  /** Called before the failure is sent. @param parameters names of the event's parameters. */
  onFailure(run: InvocationRun, parameters: readonly string[]): void;
}

export interface RunParts {
  readonly setup: Setup;
  readonly loader: HandlerLoader;
  readonly twilio: TwilioPackage;
  /** Module scope has just run. Its changes become part of the expected state. */
  onLoaded(): void;
  /** The run's handler is called next. */
  beforeHandler(run: InvocationRun): void;
  onReplied(run: InvocationRun): void;
  /** The handler failed after it had called back. The caller has its reply already, but the error must not get lost. */
  onLateFailure(run: InvocationRun, error: unknown): void;
  /** Set in development. */
  readonly observer?: RunObserver | undefined;
  /**
   * Whether other invocations wait in this isolate's pipe. Then the machine is busy, and each wake-up costs them time.
   */
  isCrowded(): boolean;
  /** Set if the first invocation must stop in a debugger. The caller clears it. */
  beforeFirst?: ((handler: Handler, file: string) => void) | undefined;
}

export class InvocationRun {
  readonly id: number;
  readonly work = new InvocationWork();
  /** Whether it failed in a way that may have left the process in any state. */
  isTainted = false;
  readonly #invoke: Invoke;
  readonly #body: Buffer;
  readonly #parts: RunParts;
  readonly #onHandlerEnded: ((returned: unknown) => void) | undefined;
  #parameters: readonly string[] = [];
  #hasReplied = false;
  #startedAt = 0;
  #loadMs: number | undefined;
  /** Created when it is first needed. Few functions read the signal, and few callers disconnect. */
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

  /** The name of the function. */
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
        // The value of an async handler is ignored (row 41), but its rejection is not.
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

  /** `context.signal`: aborted when the caller disconnects. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** `context.getRemainingTimeInMillis`: a function that works without `this`, so authors can pass it on. */
  get getRemainingTimeInMillis(): () => number {
    this.#getRemainingTimeInMillis ??= () => this.#remainingMs;
    return this.#getRemainingTimeInMillis;
  }

  /** Whole milliseconds until the time limit, rounded down. `Infinity` if there is no limit. */
  get #remainingMs(): number {
    const { timeoutMs } = this.#parts.setup;
    if (timeoutMs === undefined) return Infinity;
    const remaining = timeoutMs - (now() - this.#startedAt);
    return remaining > 0 ? floor(remaining) : 0;
  }

  /** The caller has disconnected. Listeners are the function's own code, so they run and fail as part of it. */
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

  /** The handler, or code that it started, threw or rejected. */
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
    // The reply is sent immediately. If others wait, it is sent at the end of this turn, together with the report of
    // leftovers. An invocation that loops forever after `callback` then loses its reply. So the pool queues others only
    // behind functions whose recent invocations settled quickly.
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

  /** A debugger paused the invocation for `ms`. That time does not count. */
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

/** Has the name that Node and `fetch` use, so code that already handles aborts works. */
function callerGone(): Error {
  const error = new Error("The caller has disconnected");
  error.name = "AbortError";
  return Object.assign(error, { code: "client-disconnected" });
}
