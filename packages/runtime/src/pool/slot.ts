/**
 * A place where invocations run: one isolate and what the pool knows of it.
 *
 *                 message            ready             give
 *     starting ───────────▶ warming ───────▶ idle ◀──────────────▶ busy
 *         │                    │  ╰── give ──▶ busy    settled      │
 *         ╰────────────────────┴───────────────┴── end ─────────────┴──▶ ending ──exit──▶ ended
 *
 * `busy` covers running and settling: a slot is idle again when the isolate has reported that its last invocation left
 * nothing. At most `concurrency` invocations run. Others wait in the isolate's pipe. They have certainly not started
 * while an earlier one has not settled.
 */
import { FrameError } from "../protocol/frames.ts";
import type { Diagnosis, FromIsolate } from "../protocol/messages.ts";
import type { IsolateEndReason } from "../observe/channels.ts";
import type { Clock } from "./clock.ts";
import { PriorityControl } from "./priority-control.ts";
import type { Invocation } from "./invocation.ts";
import type { IsolateExit, StartIsolate, IsolateLike } from "./isolate-like.ts";
import { LoadedFunctions } from "./loaded-functions.ts";
import { keepsRunning } from "./settling.ts";
import { describeEnd } from "./slot-end.ts";
import { slowHeadMs } from "./slot-choice.ts";
import type { ReplyMessage, SlotLike, SlotListener, SlotStart, SlotState } from "./slot-like.ts";
import { StartTimeout } from "./start-timeout.ts";
import { hasOverrun, invokeOf, type Ticket } from "./ticket.ts";

export class Slot implements SlotLike {
  readonly #options: SlotStart;
  readonly #listener: SlotListener;
  readonly #clock: Clock;
  readonly #isolate: IsolateLike;
  #state: SlotState = "starting";
  /** Assigned invocations that have not settled, in the order they run. */
  #tickets: Ticket[] = [];
  readonly #startTimeout: StartTimeout;
  readonly #loaded = new LoadedFunctions();
  #endReason: { reason: IsolateEndReason; detail: string } | undefined;
  #isRetiring = false;
  /** Whether the isolate has sent a message. From then on, its exit is a crash and not a failed start. */
  #hasStarted = false;
  /** The function of the first invocation. If isolates are not shared, the slot serves no other function. */
  function: string | undefined;
  readonly #priority = new PriorityControl();
  invocations = 0;
  readonly launchedAt: number;
  readyAt = Infinity;
  idleSince = 0;
  usedAt = 0;

  constructor(options: SlotStart, startIsolate: StartIsolate) {
    this.#options = options;
    this.#listener = options.listener;
    this.#clock = options.clock;
    this.launchedAt = this.#clock.now();
    this.#isolate = startIsolate({
      onMessage: (message, body) => this.#onMessage(message, body),
      onRawOutput: (stream, text) => this.#onRawOutput(stream, text),
      onExit: (exit) => this.#onExit(exit),
    });
    this.#startTimeout = new StartTimeout(() => options.debugging?.isHeld === true, options.clock);
    this.#isolate.send(options.setup);
    this.#restartStartTimeout();
  }

  get state(): SlotState {
    return this.#state;
  }

  get pid(): number {
    return this.#isolate.pid;
  }

  get load(): number {
    return this.#tickets.length;
  }

  get expectedMs(): number {
    let sum = 0;
    for (const ticket of this.#tickets) sum += ticket.expectedMs;
    return sum;
  }

  get isRetiring(): boolean {
    return this.#isRetiring;
  }

  get hasRoom(): boolean {
    if (this.#isRetiring) return false;
    if (this.#state === "idle" || this.#state === "warming") return this.#tickets.length === 0;
    return this.#state === "busy" && this.#tickets.length < this.#options.setup.concurrency;
  }

  get isSettling(): boolean {
    return this.#tickets.length === 1 && this.#tickets[0]?.repliedAt !== 0;
  }

  get isCrowded(): boolean {
    return this.#tickets.length > this.#options.setup.concurrency;
  }

  get tickets(): readonly Ticket[] {
    return this.#tickets;
  }

  assign(ticket: Ticket, expectedMs: number, isCrowded: boolean): void {
    this.function ??= ticket.invocation.function;
    ticket.expectedMs = expectedMs;
    // The isolate may be ready by now. The invocation still waited for its start, so it counts as cold.
    ticket.isCold = !this.#loaded.use(ticket.invocation.function) || this.readyAt > ticket.admittedAt;
    this.#tickets.push(ticket);
    ticket.host = this;
    ticket.ordinal = ++this.invocations;
    if (this.#state === "idle") this.#transition("busy");
    // The time of an invocation starts when no other is ahead of it.
    if (this.#tickets.length <= this.#options.setup.concurrency) ticket.startedAt = this.#clock.now();
    this.#isolate.send(invokeOf(ticket, this.#options, isCrowded), ticket.invocation.body);
  }

  abandon(invocation: Invocation): boolean {
    const ticket = this.#tickets.find((each) => each.invocation === invocation);
    if (ticket?.repliedAt === 0) this.#isolate.send({ kind: "abort", id: ticket.id });
    return ticket !== undefined;
  }

  /** Asks the isolate to give back the invocations that wait behind the head. They arrive at `onReturned`. */
  #retract(): void {
    const waiting = this.#tickets.slice(this.#options.setup.concurrency).filter((ticket) => !ticket.isRetracting);
    if (waiting.length === 0) return;
    for (const ticket of waiting) ticket.isRetracting = true;
    this.#isolate.send({ kind: "retract", ids: waiting.map((ticket) => ticket.id) });
  }

  retire(reason: IsolateEndReason): void {
    if (this.#isRetiring) return;
    this.#isRetiring = true;
    if (this.#tickets.length === 0) this.end(reason, "");
    else this.#endReason ??= { reason, detail: "" };
  }

  /**
   * Ends the isolate and everything it started, now. Invocations that have not started go back to the pool. If the
   * isolate has reported that it starts no more, they go back at once. If not, it may have started the next one
   * already. Nothing runs twice, so they go back when all its messages are read.
   */
  end(reason: IsolateEndReason, detail: string): void {
    if (this.#state === "ending" || this.#state === "ended") return;
    this.#endReason = { reason, detail };
    this.#transition("ending");
    if (reason === "leftovers" || reason === "tainted") this.#returnUnstarted();
    this.#isolate.kill();
    this.#listener.onEnding(this);
  }

  #transition(state: SlotState): void {
    this.#state = state;
    if (state === "idle") {
      this.idleSince = this.#clock.now();
      if (this.invocations > 0) this.usedAt = this.idleSince;
      this.#listener.onFree(this);
    }
  }

  check(now: number, stalledMs: number, isMemoryDue: boolean): void {
    const [head] = this.#tickets;
    if (head !== undefined && head.startedAt !== 0 && now - head.startedAt > slowHeadMs) this.#retract();
    this.#checkTime(now, stalledMs);
    if (!isMemoryDue || this.#state !== "busy") return;
    this.#priority.check(this.#isolate, head);
    const resident = this.#isolate.residentBytes();
    if (resident !== undefined && resident > this.#options.residentLimitBytes) {
      this.end("out-of-memory", `resident memory reached ${Math.round(resident / 2 ** 20)} MB`);
    }
  }

  #checkTime(now: number, stalledMs: number): void {
    const { timeoutMs, setup } = this.#options;
    for (const ticket of this.#tickets.slice()) {
      if (this.#state === "ending" || this.#state === "ended") return;
      if (ticket.startedAt === 0) continue;
      ticket.startedAt += Math.min(stalledMs, now - ticket.startedAt);
      if (ticket.repliedAt !== 0) ticket.repliedAt += Math.min(stalledMs, now - ticket.repliedAt);
      const { settling } = ticket;
      if (settling !== undefined) settling.runnableAt += Math.min(stalledMs, now - settling.runnableAt);
      // If several invocations share the event loop, another one may be the one that keeps it busy.
      const isAlone = setup.concurrency === 1;
      if (ticket.repliedAt !== 0) {
        if (isAlone && keepsRunning(ticket, this.#isolate, now))
          this.end("unresponsive", "kept running after callback()");
      } else if (hasOverrun(ticket, now, timeoutMs, setup.hasInsight === true)) this.#onDeadline(ticket);
    }
  }

  #onDeadline(ticket: Ticket): void {
    if (this.#state === "warming") {
      // The isolate is still loading another function. This invocation has not started, so it must not time out for it.
      this.end("unresponsive", `module scope of ${this.#loaded.loading ?? "a function"} does not end`);
      return;
    }
    ticket.repliedAt = this.#clock.now();
    this.#listener.onTimeout(this, ticket);
    // If others run beside it, they may finish. The slot accepts no new ones.
    if (this.#tickets.some((other) => other.startedAt !== 0 && other.repliedAt === 0)) {
      this.#drop(ticket);
      this.retire("timed-out");
    } else this.end("timed-out", "");
  }

  #drop(ticket: Ticket): void {
    // Nearly always at index 0.
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
        return this.#restartStartTimeout();
      case "load-failed":
        this.#loaded.fail(message.function);
        return this.#listener.onLoadFailed(message.function, message.error);
      case "ready":
        return this.#onReady();
      case "reply":
      case "failed":
        return this.#onReply(message, body);
      case "settled":
        return this.#onSettled(message);
      case "retracted":
        return this.#onRetracted(new Set(message.ids));
      case "output":
        return this.#listener.onOutput(this.#ticketOf(message.id), message.level, body.toString("utf8"));
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

  #onReady(): void {
    this.readyAt = Math.min(this.readyAt, this.#clock.now());
    this.#loaded.settle();
    this.#startTimeout.stop();
    // Invocations assigned meanwhile have waited for other functions to load. Their own time starts now.
    for (const ticket of this.#tickets) if (ticket.startedAt !== 0) ticket.startedAt = this.#clock.now();
    if (this.#state !== "starting" && this.#state !== "warming") return;
    this.#transition(this.#tickets.length === 0 ? "idle" : "busy");
    // While the isolate loaded functions, it accepted one invocation. Now others may run beside it.
    if (this.hasRoom && this.#tickets.length > 0) this.#listener.onFree(this);
  }

  get #isReady(): boolean {
    return this.#state === "idle" || this.#state === "busy";
  }

  /** User code can forge this message. After `ready`, only user code can have sent it. */
  #onLoading(name: string): void {
    if (this.#isReady || !Object.hasOwn(this.#options.setup.functions, name))
      throw new FrameError("it reports that it loads a function that it was not asked to load");
    this.#loaded.announce(name);
  }

  #onDiagnosis(diagnosis: Diagnosis): void {
    if (!this.#options.setup.hasInsight) throw new FrameError("it sent a diagnosis that was not requested");
    const ticket = this.#ticketOf(diagnosis.id);
    if (ticket !== undefined && ticket.startedAt !== 0) this.#listener.onDiagnosis(ticket, diagnosis);
  }

  #ticketOf(id: number): Ticket | undefined {
    return this.#tickets.find((ticket) => ticket.id === id);
  }

  #onReply(message: ReplyMessage, body: Buffer): void {
    const ticket = this.#ticketOf(message.id);
    if (ticket === undefined) return;
    // The worker answers in order, so user code has forged this message.
    if (ticket.startedAt === 0) return this.end("protocol-broken", "it answered an invocation that had not started");
    if (ticket.repliedAt === 0) {
      ticket.repliedAt = this.#clock.now();
      ticket.loadMs = message.loadMs;
      this.#listener.onReply(ticket, message, body);
    }
    if (this.#options.reuse === "never") return this.end("never-reused", "");
    if (message.kind === "reply" && message.settledMs !== undefined) this.#onClean(ticket, message.settledMs);
  }

  #onSettled({ id, leftovers, isTainted, tookMs }: Extract<FromIsolate, { kind: "settled" }>): void {
    const ticket = this.#ticketOf(id);
    if (ticket === undefined) return;
    if (ticket.repliedAt === 0) throw new FrameError("it reports an invocation as settled that has no reply");
    if (leftovers.length > 0) return this.end("leftovers", leftovers.join(", "));
    if (isTainted) return this.end("tainted", "");
    this.#onClean(ticket, tookMs);
  }

  /** The invocation left nothing, so the next one starts. */
  #onClean(ticket: Ticket, tookMs: number): void {
    this.#listener.onSettled(ticket, tookMs);
    this.#drop(ticket);
    const next = this.#tickets[this.#options.setup.concurrency - 1];
    if (next !== undefined && next.startedAt === 0) next.startedAt = this.#clock.now();
    if (this.#state === "ending") return;
    if (this.#tickets.length > 0) this.#listener.onFree(this);
    else if (this.#endReason !== undefined) this.end(this.#endReason.reason, this.#endReason.detail);
    else this.#transition("idle");
  }

  #onRetracted(ids: ReadonlySet<number>): void {
    const returned = this.#tickets.filter((ticket) => ids.has(ticket.id) && ticket.startedAt === 0);
    this.#tickets = this.#tickets.filter((ticket) => !returned.includes(ticket));
    for (const ticket of returned) ticket.isRetracting = false;
    this.#listener.onReturned(returned);
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
    if (returned.length > 0) this.#listener.onReturned(returned);
  }

  #onRawOutput(stream: "stdout" | "stderr", text: string): void {
    const ticket = this.#tickets.length > 0 ? this.#tickets[0] : undefined;
    const level = stream === "stdout" ? "info" : "error";
    this.#listener.onOutput(ticket, level, text.endsWith("\n") ? text.slice(0, -1) : text);
  }

  #restartStartTimeout(): void {
    this.#startTimeout.restart(() => {
      const { loading } = this.#loaded;
      const what = loading === undefined ? "the process did not start" : `module scope of ${loading} does not end`;
      this.end("start-failed", what);
    });
  }

  suspects(reason: IsolateEndReason): Iterable<string> {
    return this.#loaded.suspects(reason === "protocol-broken");
  }

  #onExit(exit: IsolateExit): void {
    const [head] = this.#tickets;
    // If a retiring isolate exits before its work is done, the intended reason does not apply.
    const intended = this.#state === "ending" ? this.#endReason : undefined;
    this.#startTimeout.stop();
    // Set this first: the pool looks for another slot for returned invocations at once, and must not choose this one.
    this.#state = "ended";
    this.#returnUnstarted();
    const lost = this.#tickets.filter((ticket) => ticket.repliedAt === 0);
    this.#tickets = [];
    this.#listener.onEnded(this, { ...describeEnd(exit, intended, this.#hasStarted), ticket: head }, lost);
  }
}
