/**
 * A place where invocations run: one isolate and what the pool knows of it.
 *
 *                 message            ready             give
 *     starting ───────────▶ warming ───────▶ idle ◀──────────────▶ busy
 *         │                    │  ╰── give ──▶ busy    settled      │
 *         ╰────────────────────┴───────────────┴── end ─────────────┴──▶ ending ──exit──▶ ended
 *
 * `busy` covers running and settling: a slot is idle again when the isolate has said that nothing is
 * left of its last invocation. At most `concurrency` invocations run; those given beyond wait in the
 * isolate's pipe, and have certainly not started while one before them has not settled.
 */
import { FrameError } from "../protocol/frames.ts";
import type { Diagnosis, FromIsolate, SerializedError, Setup } from "../protocol/messages.ts";
import type { IsolateEndReason } from "../observe/channels.ts";
import { GivingWay } from "./giving-way.ts";
import type { Invocation } from "./invocation.ts";
import { Isolate, type IsolateExit, type IsolateOptions } from "./isolate.ts";
import { LoadedFunctions } from "./loaded-functions.ts";
import { keepsRunning } from "./settling.ts";
import { describeEnd, type SlotEnd } from "./slot-end.ts";
import { StartClock } from "./start-clock.ts";
import { hasOverrun, invokeOf, type Ticket } from "./ticket.ts";

export type SlotState = "starting" | "warming" | "idle" | "busy" | "ending" | "ended";

export interface SlotOptions {
  readonly isolate: IsolateOptions;
  readonly setup: Setup;
  /** Milliseconds from the start of an invocation to its end by force; Infinity for none. */
  readonly timeoutMs: number;
  readonly reuse: "clean" | "never" | "always";
}

/** The end of an invocation, as its isolate says it. */
export type ReplyMessage = Extract<FromIsolate, { kind: "reply" | "failed" }>;

export interface SlotListener {
  /** The slot may be able to take more. */
  onFree(slot: Slot): void;
  /** Running invocations whose outcome is known. */
  onReply(slot: Slot, ticket: Ticket, message: ReplyMessage, body: Buffer): void;
  onTimeout(slot: Slot, ticket: Ticket): void;
  /** A function cannot be loaded ahead. */
  onLoadFailed(name: string, error: SerializedError): void;
  /** Nothing is left of it. It took so long inside the isolate. */
  onSettled(ticket: Ticket, tookMs: number): void;
  /** These had certainly not started: they can go elsewhere. */
  onReturned(slot: Slot, tickets: Ticket[]): void;
  /** For its author. */
  onDiagnosis(ticket: Ticket, diagnosis: Diagnosis): void;
  onOutput(slot: Slot, ticket: Ticket | undefined, level: "debug" | "info" | "warn" | "error", text: string): void;
  /** It takes nothing more: another may be needed, and need not wait until the process is gone. */
  onEnding(): void;
  /** The process is gone; `lost` had started and got no reply. */
  onEnded(slot: Slot, end: SlotEnd, lost: Ticket[]): void;
}

export class Slot {
  readonly #options: SlotOptions;
  readonly #listener: SlotListener;
  readonly #isolate: Isolate;
  #state: SlotState = "starting";
  /** Given and not settled, in the order they run. */
  #tickets: Ticket[] = [];
  readonly #startClock: StartClock;
  readonly #loaded = new LoadedFunctions();
  #endReason: { reason: IsolateEndReason; detail: string } | undefined;
  #isRetiring = false;
  /** The isolate has said something: from then on an end is a crash and not a failed start. */
  #hasStarted = false;
  /** Whose handler it was given first. Where isolates are not shared, it is given no other. */
  function: string | undefined;
  readonly givingWay = new GivingWay();
  invocations = 0;
  /** `performance.now()`, as all times here; ready at Infinity until it is. */
  readonly launchedAt = performance.now();
  readyAt = Infinity;
  idleSince = 0;
  /** `performance.now()` at the end of its last invocation; 0 if it has had none. */
  usedAt = 0;
  /** Whether the pool has said that it is ready. */
  isAnnounced = false;

  constructor(options: SlotOptions, listener: SlotListener) {
    this.#options = options;
    this.#listener = listener;
    this.#isolate = new Isolate(options.isolate, {
      onMessage: (message, body) => this.#onMessage(message, body),
      onRawOutput: (stream, text) => this.#onRawOutput(stream, text),
      onExit: (exit) => this.#onExit(exit),
    });
    this.#startClock = new StartClock(() => options.isolate.debugging?.isHeld === true);
    this.#isolate.send(options.setup);
    this.#awaitSign();
  }

  get state(): SlotState {
    return this.#state;
  }

  get pid(): number {
    return this.#isolate.pid;
  }

  /** Tickets given and not settled. */
  get load(): number {
    return this.#tickets.length;
  }

  /** About how long it will be at work on those. */
  get expectedMs(): number {
    let sum = 0;
    for (const ticket of this.#tickets) sum += ticket.expectedMs;
    return sum;
  }

  get isRetiring(): boolean {
    return this.#isRetiring;
  }

  /** Takes an invocation and starts it at once (or as soon as what it is loading is loaded). */
  get hasRoom(): boolean {
    if (this.#isRetiring) return false;
    if (this.#state === "idle" || this.#state === "warming") return this.#tickets.length === 0;
    return this.#state === "busy" && this.#tickets.length < this.#options.setup.concurrency;
  }

  /** Its last invocation has replied: it will be free in a moment, or be ended. */
  get isSettling(): boolean {
    return this.#tickets.length === 1 && this.#tickets[0]?.repliedAt !== 0;
  }

  /** Some wait behind those that run. */
  get isCrowded(): boolean {
    return this.#tickets.length > this.#options.setup.concurrency;
  }

  /** The invocation at the head, and those whose turn comes after it. */
  get tickets(): readonly Ticket[] {
    return this.#tickets;
  }

  /** @param isCrowded whether others of the pool wait behind the one that runs. */
  give(ticket: Ticket, expectedMs: number, isCrowded: boolean): void {
    this.function ??= ticket.invocation.function;
    ticket.expectedMs = expectedMs;
    // Who has waited for its start waits no longer for anything, and still it was that.
    ticket.isCold = !this.#loaded.use(ticket.invocation.function) || this.readyAt > ticket.admittedAt;
    this.#tickets.push(ticket);
    ticket.host = this;
    ticket.ordinal = ++this.invocations;
    if (this.#state === "idle") this.#transition("busy");
    // The clock of an invocation starts when nothing is before it.
    if (this.#tickets.length <= this.#options.setup.concurrency) ticket.startedAt = performance.now();
    this.#isolate.send(invokeOf(ticket, this.#options, isCrowded), ticket.invocation.body);
  }

  /** Tells the isolate that nobody waits for this any more. @returns false where it is not here. */
  abandon(invocation: Invocation): boolean {
    const ticket = this.#tickets.find((each) => each.invocation === invocation);
    if (ticket?.repliedAt === 0) this.#isolate.send({ kind: "abort", id: ticket.id });
    return ticket !== undefined;
  }

  /** Asks for what waits behind the head; what comes back arrives at `onReturned`. */
  retract(): void {
    const waiting = this.#tickets.slice(this.#options.setup.concurrency).filter((ticket) => !ticket.isRetracting);
    if (waiting.length === 0) return;
    for (const ticket of waiting) ticket.isRetracting = true;
    this.#isolate.send({ kind: "retract", ids: waiting.map((ticket) => ticket.id) });
  }

  /** No more invocations: ends when those it has are done, at once if it has none. */
  retire(reason: IsolateEndReason): void {
    if (this.#isRetiring) return;
    this.#isRetiring = true;
    if (this.#tickets.length === 0) this.end(reason, "");
    else this.#endReason ??= { reason, detail: "" };
  }

  /**
   * Ends the isolate and everything it started, now. What had not started goes back to the pool: at once where
   * the isolate has said that it starts nothing more, else when all that it has said is read. It may have begun
   * the next one already, and nothing runs twice.
   */
  end(reason: IsolateEndReason, detail: string): void {
    if (this.#state === "ending" || this.#state === "ended") return;
    this.#endReason = { reason, detail };
    this.#transition("ending");
    if (reason === "leftovers" || reason === "tainted") this.#returnUnstarted();
    this.#isolate.kill();
    this.#listener.onEnding();
  }

  #transition(state: SlotState): void {
    this.#state = state;
    if (state === "idle") {
      this.idleSince = performance.now();
      if (this.invocations > 0) this.usedAt = this.idleSince;
      this.#listener.onFree(this);
    }
  }

  /**
   * The pool's clock: once every while as long as the slot has tickets.
   * @param stalledMs time in which the gateway was held up, and neither sent nor read anything: it does not count.
   */
  look(now: number, stalledMs: number): void {
    const { timeoutMs, setup } = this.#options;
    for (const ticket of this.#tickets.slice()) {
      if (this.#state === "ending" || this.#state === "ended") return;
      if (ticket.startedAt === 0) continue;
      ticket.startedAt += Math.min(stalledMs, now - ticket.startedAt);
      if (ticket.repliedAt !== 0) ticket.repliedAt += Math.min(stalledMs, now - ticket.repliedAt);
      const { settling } = ticket;
      if (settling !== undefined) settling.runnableAt += Math.min(stalledMs, now - settling.runnableAt);
      // Where several invocations share the loop, that one of them keeps it busy is not this one's doing.
      const isAlone = setup.concurrency === 1;
      if (ticket.repliedAt !== 0) {
        if (isAlone && keepsRunning(ticket, this.pid, now)) this.end("unresponsive", "kept running after callback()");
      } else if (hasOverrun(ticket, now, timeoutMs, setup.hasInsight === true)) this.#onDeadline(ticket);
    }
  }

  #onDeadline(ticket: Ticket): void {
    if (this.#state === "warming") {
      // The isolate still loads another function, so this one has not started: it must not pay for it.
      this.end("unresponsive", `module scope of ${this.#loaded.loading ?? "a function"} does not end`);
      return;
    }
    ticket.repliedAt = performance.now();
    this.#listener.onTimeout(this, ticket);
    // Where others run beside it, they are let finish; nothing new comes in.
    if (this.#tickets.some((other) => other.startedAt !== 0 && other.repliedAt === 0)) {
      this.#drop(ticket);
      this.retire("timed-out");
    } else this.end("timed-out", "");
  }

  #drop(ticket: Ticket): void {
    // Nearly always the head.
    const at = this.#tickets.indexOf(ticket);
    if (at !== -1) this.#tickets.splice(at, 1);
  }

  #onMessage(message: FromIsolate, body: Buffer): void {
    this.#hasStarted = true;
    switch (message.kind) {
      case "loading":
        this.#onLoading(message.function);
        if (this.#state === "starting") {
          this.#transition("warming");
          this.#listener.onFree(this);
        }
        return this.#awaitSign();
      case "load-failed":
        this.#loaded.fail(message.function);
        return this.#listener.onLoadFailed(message.function, message.error);
      case "ready":
        this.readyAt = Math.min(this.readyAt, performance.now());
        this.#loaded.settle();
        this.#startClock.stop();
        // What it was given meanwhile has waited for other functions to load: its own time begins now.
        for (const ticket of this.#tickets) if (ticket.startedAt !== 0) ticket.startedAt = performance.now();
        if (this.#state === "starting" || this.#state === "warming") {
          this.#transition(this.#tickets.length === 0 ? "idle" : "busy");
        }
        return;
      case "reply":
      case "failed":
        return this.#onReply(message, body);
      case "settled":
        return this.#onSettled(message);
      case "retracted":
        return this.#onRetracted(new Set(message.ids));
      case "output":
        return this.#listener.onOutput(this, this.#ticketOf(message.id), message.level, body.toString("utf8"));
      case "diagnosis":
        return this.#onDiagnosis(message);
      case "files-loaded":
      case "spawned":
      case "exiting":
      case "debugger":
        return;
      default:
        message satisfies never;
    }
  }

  get #isReady(): boolean {
    return this.#state === "idle" || this.#state === "busy";
  }

  /** User code can say this too: once it is ready, it was nobody else. */
  #onLoading(name: string): void {
    if (this.#isReady || !Object.hasOwn(this.#options.setup.functions, name))
      throw new FrameError("it loads what it was not told to");
    this.#loaded.announce(name);
  }

  #onDiagnosis(diagnosis: Diagnosis): void {
    if (!this.#options.setup.hasInsight) throw new FrameError("a diagnosis that nobody asked for");
    const ticket = this.#ticketOf(diagnosis.id);
    if (ticket !== undefined && ticket.startedAt !== 0) this.#listener.onDiagnosis(ticket, diagnosis);
  }

  #ticketOf(id: number): Ticket | undefined {
    return this.#tickets.find((ticket) => ticket.id === id);
  }

  #onReply(message: ReplyMessage, body: Buffer): void {
    const ticket = this.#ticketOf(message.id);
    if (ticket === undefined) return;
    // The isolate's own code answers in order: this was written by somebody else in there.
    if (ticket.startedAt === 0) return this.end("protocol-broken", "it answered an invocation that had not begun");
    if (ticket.repliedAt === 0) {
      ticket.repliedAt = performance.now();
      ticket.loadMs = message.loadMs;
      this.#listener.onReply(this, ticket, message, body);
    }
    if (this.#options.reuse === "never") return this.end("never-reused", "");
    if (message.kind === "reply" && message.settledMs !== undefined) this.#onClean(ticket, message.settledMs);
  }

  #onSettled({ id, leftovers, isTainted, tookMs }: Extract<FromIsolate, { kind: "settled" }>): void {
    const ticket = this.#ticketOf(id);
    if (ticket === undefined) return;
    if (ticket.repliedAt === 0) throw new FrameError("an invocation that has come to rest without a reply");
    if (leftovers.length > 0) return this.end("leftovers", leftovers.join(", "));
    if (isTainted) return this.end("tainted", "");
    this.#onClean(ticket, tookMs);
  }

  /** Nothing is left of it: the next one's turn. */
  #onClean(ticket: Ticket, tookMs: number): void {
    this.#listener.onSettled(ticket, tookMs);
    this.#drop(ticket);
    const next = this.#tickets[this.#options.setup.concurrency - 1];
    if (next !== undefined && next.startedAt === 0) next.startedAt = performance.now();
    if (this.#state === "ending") return;
    if (this.#tickets.length > 0) this.#listener.onFree(this);
    else if (this.#endReason !== undefined) this.end(this.#endReason.reason, this.#endReason.detail);
    else this.#transition("idle");
  }

  #onRetracted(ids: ReadonlySet<number>): void {
    const returned = this.#tickets.filter((ticket) => ids.has(ticket.id) && ticket.startedAt === 0);
    this.#tickets = this.#tickets.filter((ticket) => !returned.includes(ticket));
    for (const ticket of returned) ticket.isRetracting = false;
    this.#listener.onReturned(this, returned);
  }

  #returnUnstarted(): void {
    const isWarm = this.#loaded.loading === undefined;
    const returned = this.#tickets.filter((ticket) => ticket.startedAt === 0 || !isWarm);
    this.#tickets = this.#tickets.filter((ticket) => !returned.includes(ticket));
    for (const ticket of returned) {
      ticket.startedAt = 0;
      ticket.returns++;
      ticket.isRetracting = false;
    }
    if (returned.length > 0) this.#listener.onReturned(this, returned);
  }

  #onRawOutput(stream: "stdout" | "stderr", text: string): void {
    const ticket = this.#tickets.length > 0 ? this.#tickets[0] : undefined;
    const level = stream === "stdout" ? "info" : "error";
    this.#listener.onOutput(this, ticket, level, text.endsWith("\n") ? text.slice(0, -1) : text);
  }

  #awaitSign(): void {
    this.#startClock.restart(() => {
      const { loading } = this.#loaded;
      const what = loading === undefined ? "the process did not start" : `module scope of ${loading} does not end`;
      this.end("start-failed", what);
    });
  }

  /** The functions whose module scope may be why it ended. */
  suspects(reason: IsolateEndReason): Iterable<string> {
    return this.#loaded.suspects(reason === "protocol-broken");
  }

  #onExit(exit: IsolateExit): void {
    const [head] = this.#tickets;
    // One that was to end when its work is done has ended of itself: how, is not what was intended.
    const intended = this.#state === "ending" ? this.#endReason : undefined;
    this.#startClock.stop();
    // Before anything is given back: the pool looks for a place for it at once, and this is none.
    this.#state = "ended";
    this.#returnUnstarted();
    const lost = this.#tickets.filter((ticket) => ticket.repliedAt === 0);
    this.#tickets = [];
    this.#listener.onEnded(this, { ...describeEnd(exit, intended, this.#hasStarted), ticket: head }, lost);
  }
}
