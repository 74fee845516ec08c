/** An invocation on its way through the pool. */
import type { Invoke, Setup } from "../protocol/messages.ts";
import type { Invocation, Outcome } from "./invocation.ts";
import { randomId } from "./random-id.ts";
import type { Settling } from "./settling.ts";

export interface Ticket {
  /** The protocol's name for the invocation. Nobody in an isolate can guess another's, and speak for it. */
  readonly id: number;
  readonly invocation: Invocation;
  readonly resolve: (outcome: Outcome) => void;
  /** When it came, on the pool's clock, as all times here. */
  readonly admittedAt: number;
  /** When it came to the head of its slot; 0 while it has certainly not started. */
  startedAt: number;
  /** When its outcome was known; 0 while it is not. */
  repliedAt: number;
  /** Where its isolate is slow to settle. */
  settling?: Settling | undefined;
  /** About how long it will occupy its isolate, as far as one knows when it is given to it. */
  expectedMs: number;
  /** Its isolate has still to start, or to load its function; undefined while it has none. */
  isCold: boolean | undefined;
  /** The slot that it was given to last, which invocation of it this is, and how long that says that loading took. */
  host?: { readonly pid: number; readonly launchedAt: number; readonly readyAt: number };
  ordinal: number;
  loadMs?: number | undefined;
  /** How often an isolate that had it ended before it could begin. */
  returns: number;
  /** Taken back from an isolate's pipe; where it is now is not yet known. */
  isRetracting: boolean;
  /** Its isolate has reported where it was shortly before its time limit. */
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

/** How much longer an isolate has to report where the invocation was, where it has not done so. */
const diagnosisGraceMs = 50;

/** @param hasInsight whether the isolate reports, shortly before the time limit, where the invocation is. */
export function hasOverrun(ticket: Ticket, now: number, timeoutMs: number, hasInsight: boolean): boolean {
  const overMs = now - ticket.startedAt - timeoutMs;
  if (!hasInsight || ticket.isLocated) return overMs > 0;
  return overMs > diagnosisGraceMs;
}

/** Of one that begins now, or soon: those that wait for others are short. */
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

/** Of a clock that isolates see as well, unlike that of `performance`. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
