/**
 * What the wrappers know of one invocation. It hangs on its `context`, which is the one thing that all of them are given.
 */
import { clock } from "./clock.ts";
import type { FunctionContext, TwilioClient } from "./function-types.ts";

export interface Invocation {
  /** By the clock, in milliseconds: when a wrapper first saw it. */
  readonly startedAt: number;
  /** One client for all calls with options, so that they share their connections. */
  client?: TwilioClient;
  /** The last call that was given up although it could be tried again: what to tell the caller with this status. */
  givenUp?: { readonly status: number; readonly retryAfterSeconds: number };
}

/** Where nothing tells the time that is left, the hosted limit is taken to hold. */
const hostedLimitMs = 10_000;

const invocations = new WeakMap<object, Invocation>();

/** A wrapper around a handler begins one, whoever had the context before. */
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

/** Milliseconds until the platform ends the invocation: as Offhook says, estimated elsewhere. `Infinity`: never. */
export function timeLeftMs(context: FunctionContext | undefined): number {
  // A variable may have that name, too.
  const ask: unknown = context?.getRemainingTimeInMillis;
  const remainingMs: unknown = typeof ask === "function" ? ask.call(context) : undefined;
  if (typeof remainingMs === "number" && !Number.isNaN(remainingMs)) return remainingMs;
  return Math.max(0, hostedLimitMs - (clock().now() - invocationOf(context).startedAt));
}
