/**
 * A slot, as the pool sees it. `slot.ts` is the real one, with a process. Tests of the policy use others.
 */
import type { IsolateEndReason } from "../observe/channels.ts";
import type { Diagnosis, FromIsolate, SerializedError, Setup } from "../protocol/messages.ts";
import type { Clock } from "./clock.ts";
import type { Debugging } from "./debugging.ts";
import type { Invocation } from "./invocation.ts";
import type { IsolateUser } from "./isolate-user.ts";
import type { SlotEnd } from "./slot-end.ts";
import type { Ticket } from "./ticket.ts";

export type SlotState = "starting" | "warming" | "idle" | "busy" | "ending" | "ended";

export interface SlotLike {
  readonly state: SlotState;
  /** 0 if no process was started. */
  readonly pid: number;
  /** On the pool's clock, like all times here. */
  readonly launchedAt: number;
  /** Infinity until it is ready. */
  readonly readyAt: number;
  /** When it became idle. */
  readonly idleSince: number;
  /** When its last invocation ended; 0 if it has had none. */
  readonly usedAt: number;
  /** Number of invocations assigned so far. */
  readonly invocations: number;
  /** The function of its first invocation. If isolates are not shared, the slot serves no other function. */
  readonly function: string | undefined;
  /** The invocation at the head, and those that wait behind it. */
  readonly tickets: readonly Ticket[];
  /** Number of those. */
  readonly load: number;
  /** Estimate of how long those will take. */
  readonly expectedMs: number;
  /** Whether it ends as soon as it has nothing to do. */
  readonly isRetiring: boolean;
  /** Whether it can accept an invocation and start it at once, or as soon as it has loaded its functions. */
  readonly hasRoom: boolean;
  /** Whether its last invocation has replied. In a moment the slot is free, or ends. */
  readonly isSettling: boolean;
  /** Whether invocations wait behind those that run. */
  readonly isCrowded: boolean;
  /** @param isCrowded whether invocations wait for an isolate, or isolates for a processor. */
  assign(ticket: Ticket, expectedMs: number, isCrowded: boolean): void;
  /** Tells the isolate that the caller has disconnected. @returns false if the slot does not have the invocation. */
  abandon(invocation: Invocation): boolean;
  /** Accepts no more invocations. Ends when those it has are done, at once if it has none. */
  retire(reason: IsolateEndReason): void;
  /** Ends now. */
  end(reason: IsolateEndReason, detail: string): void;
  /**
   * Called at intervals as long as the slot has invocations.
   * @param stalledMs time in which the gateway was held up, and neither sent nor read anything. It does not count.
   * @param isMemoryDue whether to check memory and CPU time too, which costs more.
   */
  check(now: number, stalledMs: number, isMemoryDue: boolean): void;
  /** The functions whose module scope may be the reason for its end. */
  suspects(reason: IsolateEndReason): Iterable<string>;
}

/** The end of an invocation, as its isolate reports it. */
export type ReplyMessage = Extract<FromIsolate, { kind: "reply" | "failed" }>;

export interface SlotListener {
  /** The slot may be able to accept more. */
  onFree(slot: SlotLike): void;
  /** A running invocation has an outcome. */
  onReply(ticket: Ticket, message: ReplyMessage, body: Buffer): void;
  onTimeout(slot: SlotLike, ticket: Ticket): void;
  /** The isolate could not preload a function. */
  onLoadFailed(name: string, error: SerializedError): void;
  /** The invocation left nothing. @param tookMs its time inside the isolate. */
  onSettled(ticket: Ticket, tookMs: number): void;
  /** These had certainly not started, so they can run in another isolate. In order of arrival. */
  onReturned(tickets: readonly Ticket[]): void;
  /** A diagnosis for the author of the function. */
  onDiagnosis(ticket: Ticket, diagnosis: Diagnosis): void;
  onOutput(ticket: Ticket | undefined, level: "debug" | "info" | "warn" | "error", text: string): void;
  /** The slot accepts nothing more. If another is needed, it can start before the process is gone. */
  onEnding(slot: SlotLike): void;
  /** The process is gone. The invocations in `lost` had started and have no reply. */
  onEnded(slot: SlotLike, end: SlotEnd, lost: readonly Ticket[]): void;
}

export interface SlotStart {
  readonly setup: Setup;
  /** The user that the isolate changes to. Undefined: it keeps the server's user. */
  readonly user: IsolateUser | undefined;
  /** Time limit of an invocation in milliseconds. Infinity for none. */
  readonly timeoutMs: number;
  readonly reuse: "clean" | "never" | "always";
  /** Limit of the isolate's resident memory, in bytes. */
  readonly residentLimitBytes: number;
  /** Undefined without a debugger. */
  readonly debugging: Debugging | undefined;
  readonly clock: Clock;
  readonly listener: SlotListener;
}

export type StartSlot = (start: SlotStart) => SlotLike;
