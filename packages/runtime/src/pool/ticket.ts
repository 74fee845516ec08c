/** An invocation on its way through the pool. */
import type { Invoke, Setup } from "../protocol/messages.ts";
import type { Invocation, Outcome } from "./invocation.ts";
import { randomId } from "./random-id.ts";
import type { Settling } from "./settling.ts";

export interface Ticket {
  /**
   * The invocation's id in the protocol. Code in an isolate cannot guess the id of another invocation and forge its
   * reply.
   */
  readonly id: number;
  readonly invocation: Invocation;
  readonly resolve: (outcome: Outcome) => void;
  /** When it was admitted, on the pool's clock, like all times here. */
  readonly admittedAt: number;
  /** When it got to the head of its slot. 0 while it has certainly not started. */
  startedAt: number;
  /** When its outcome was known. 0 until then. */
  repliedAt: number;
  /** Set if its isolate is slow to settle. */
  settling?: Settling | undefined;
  /** Estimate, at assignment, of how long it will occupy its isolate. */
  expectedMs: number;
  /** Whether its isolate still had to start, or to load its function. Undefined before assignment. */
  isCold: boolean | undefined;
  /** The slot that it was last assigned to. */
  host?: { readonly pid: number; readonly launchedAt: number; readonly readyAt: number };
  /** Which invocation of that slot it is. The first is 1. */
  ordinal: number;
  /** How long the isolate says that loading took. */
  loadMs?: number | undefined;
  /** How often an isolate that had it ended before it started. */
  returns: number;
  /** The pool has asked its isolate to give it back, and has no answer yet. */
  isRetracting: boolean;
  /** Whether its isolate has reported, shortly before the time limit, where in the code it was. */
  isLocated: boolean;
}

/** @param now on the pool's clock */
export function makeTicket(invocation: Invocation, resolve: (outcome: Outcome) => void, now: number): Ticket {
  return {
    id: randomId(),
    invocation,
    resolve,
    admittedAt: now,
    startedAt: 0,
    repliedAt: 0,
    expectedMs: 0,
    ordinal: 0,
    isCold: undefined,
    returns: 0,
    isRetracting: false,
    isLocated: false,
  };
}

/** Extra time after the time limit for an isolate that has not yet reported where the invocation was. */
const diagnosisGraceMs = 50;

/** @param hasInsight whether the isolate reports, shortly before the time limit, where the invocation is. */
export function hasOverrun(ticket: Ticket, now: number, timeoutMs: number, hasInsight: boolean): boolean {
  const overMs = now - ticket.startedAt - timeoutMs;
  if (!hasInsight || ticket.isLocated) return overMs > 0;
  return overMs > diagnosisGraceMs;
}

/** Builds the message to send now. Its deadline counts from now: only short invocations queue ahead of it. */
export function invokeOf(
  { id, invocation }: Ticket,
  { setup, timeoutMs }: { readonly setup: Setup; readonly timeoutMs: number },
  isCrowded: boolean,
): Invoke {
  return {
    kind: "invoke",
    id,
    function: invocation.function,
    path: invocation.path,
    query: invocation.query,
    domain: invocation.domain,
    headers: invocation.headers,
    isAbandoned: invocation.isAbandoned || undefined,
    isCrowded: isCrowded || undefined,
    endsAtMs: setup.hasInsight && timeoutMs < Infinity ? monotonicMs() + timeoutMs : undefined,
  };
}

/** Reads a clock that isolates share, unlike that of `performance`. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
