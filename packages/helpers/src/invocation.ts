/**
 * The wrappers' state for one invocation. Its key is the `context`, the one argument that all wrappers get.
 */
import { clock } from "./clock.ts";
import type { FunctionContext, TwilioClient } from "./function-types.ts";

export interface Invocation {
  /** When a wrapper first saw the invocation, by `clock()`, in milliseconds. */
  readonly startedAt: number;
  /** One client for all calls with options, so that they share connections. */
  client?: TwilioClient;
  /** The last retryable call that failed. A reply with the same status gets this `Retry-After`. */
  givenUp?: { readonly status: number; readonly retryAfterSeconds: number };
}

/** The time limit to assume if the platform does not report the remaining time: that of hosted Functions. */
const hostedLimitMs = 10_000;

const invocations = new WeakMap<object, Invocation>();

/** Starts a new invocation. A wrapper around a handler calls this, because the context may have been used before. */
export function beginInvocation(context: FunctionContext): void {
  invocations.delete(context);
  invocationOf(context);
}

export function invocationOf(context: FunctionContext | undefined): Invocation {
  const running = context ? invocations.get(context) : undefined;
  if (running !== undefined) return running;
  const invocation = { startedAt: clock().now() };
  if (typeof context === "object" && context !== null) invocations.set(context, invocation);
  return invocation;
}

/**
 * Milliseconds until the platform ends the invocation: exact on Offhook, estimated elsewhere. `Infinity` without a
 * limit.
 */
export function timeLeftMs(context: FunctionContext | undefined): number {
  // A variable of the service may have that name, too.
  const ask: unknown = context?.getRemainingTimeInMillis;
  const remainingMs: unknown = typeof ask === "function" ? ask.call(context) : undefined;
  if (typeof remainingMs === "number" && !Number.isNaN(remainingMs)) return remainingMs;
  return Math.max(0, hostedLimitMs - (clock().now() - invocationOf(context).startedAt));
}
