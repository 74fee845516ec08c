/**
 * A place for invocations, as the pool sees it: `slot.ts` is the real one, with a process in it. Policy is tested with others.
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
  /** 0 where no process came to be. */
  readonly pid: number;
  /** On the pool's clock, as all times here. */
  readonly launchedAt: number;
  /** Infinity until it is ready. */
  readonly readyAt: number;
  /** When it became idle. */
  readonly idleSince: number;
  /** When its last invocation ended; 0 if it has had none. */
  readonly usedAt: number;
  /** How many invocations it has been given. */
  readonly invocations: number;
  /** The function that it was given first. Where isolates are not shared, it is given no other. */
  readonly function: string | undefined;
  /** The invocation at the head, and those whose turn comes after it. */
  readonly tickets: readonly Ticket[];
  /** How many those are. */
  readonly load: number;
  /** About how long it will be at work on those. */
  readonly expectedMs: number;
  /** It ends as soon as it has nothing to do. */
  readonly isRetiring: boolean;
  /** It can take an invocation and start it at once, or as soon as what it is loading is loaded. */
  readonly hasRoom: boolean;
  /** Its last invocation has replied: it will be free in a moment, or be ended. */
  readonly isSettling: boolean;
  /** Some wait behind those that run. */
  readonly isCrowded: boolean;
  /** @param isCrowded whether invocations wait for an isolate, or isolates for a processor. */
  assign(ticket: Ticket, expectedMs: number, isCrowded: boolean): void;
  /** Tells the isolate that the caller has left. @returns false where the invocation is not here. */
  abandon(invocation: Invocation): boolean;
  /** Takes no more invocations: ends when those it has are done, at once if it has none. */
  retire(reason: IsolateEndReason): void;
  /** Ends now. */
  end(reason: IsolateEndReason, detail: string): void;
  /**
   * The pool's clock: called every while as long as the slot has invocations.
   * @param stalledMs time in which the gateway was held up, and neither sent nor read anything: it does not count.
   * @param isMemoryDue whether to look at what costs more to look at.
   */
  check(now: number, stalledMs: number, isMemoryDue: boolean): void;
  /** The functions whose module scope may be why it ended. */
  suspects(reason: IsolateEndReason): Iterable<string>;
}

/** The end of an invocation, as its isolate says it. */
export type ReplyMessage = Extract<FromIsolate, { kind: "reply" | "failed" }>;

export interface SlotListener {
  /** The slot may be able to take more. */
  onFree(slot: SlotLike): void;
  /** Running invocations whose outcome is known. */
  onReply(ticket: Ticket, message: ReplyMessage, body: Buffer): void;
  onTimeout(slot: SlotLike, ticket: Ticket): void;
  /** A function cannot be loaded ahead. */
  onLoadFailed(name: string, error: SerializedError): void;
  /** Nothing is left of it. It took so long inside the isolate. */
  onSettled(ticket: Ticket, tookMs: number): void;
  /** These had certainly not started: they can go elsewhere. The one that came first is first. */
  onReturned(tickets: readonly Ticket[]): void;
  /** For its author. */
  onDiagnosis(ticket: Ticket, diagnosis: Diagnosis): void;
  onOutput(ticket: Ticket | undefined, level: "debug" | "info" | "warn" | "error", text: string): void;
  /** It takes nothing more: another may be needed, and need not wait until the process is gone. */
  onEnding(slot: SlotLike): void;
  /** The process is gone; `lost` had started and got no reply. */
  onEnded(slot: SlotLike, end: SlotEnd, lost: readonly Ticket[]): void;
}

export interface SlotStart {
  readonly setup: Setup;
  /** The user that the isolate becomes; undefined: it keeps the server's. */
  readonly user: IsolateUser | undefined;
  /** Milliseconds from the start of an invocation to its end by force; Infinity for none. */
  readonly timeoutMs: number;
  readonly reuse: "clean" | "never" | "always";
  /** Resident memory that the isolate may take, in bytes. */
  readonly residentLimitBytes: number;
  /** Absent where nobody debugs. */
  readonly debugging: Debugging | undefined;
  readonly clock: Clock;
  readonly listener: SlotListener;
}

export type StartSlot = (start: SlotStart) => SlotLike;
