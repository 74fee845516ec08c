/**
 * The pool of one service: accepts invocations, and finds or starts isolates for them. Each invocation gets an outcome,
 * whatever happens to its isolate.
 *
 *     invoke ─▶ admit (concurrency) ─▶ queue ─▶ slot ─▶ outcome
 *                  ╰─ admission queue ─▶ 429
 */
import { isolateEnded, notices, outputWritten } from "../observe/channels.ts";
import type { Diagnosis, SerializedError, ServiceSetup, Setup } from "../protocol/messages.ts";
import type { Clock } from "./clock.ts";
import { chooseExpired } from "./idle-slots.ts";
import type { Invocation, Invoker, Outcome } from "./invocation.ts";
import type { IsolateUser } from "./isolate-user.ts";
import { DurationEstimates } from "./duration-estimates.ts";
import type { PoolOptions } from "./pool-options.ts";
import { PreloadList } from "./preload-list.ts";
import { chooseEvicted, chooseSlot, isolatesFor, type ChoiceRules, type PendingInvocation } from "./slot-choice.ts";
import type { SlotEnd } from "./slot-end.ts";
import type { ReplyMessage, SlotLike, SlotListener } from "./slot-like.ts";
import { SlotSupply, type Demand } from "./slot-supply.ts";
import { failedOutcome, outcomeOf } from "./outcome.ts";
import { makeTicket, type Ticket } from "./ticket.ts";
import { AdmissionQueue } from "./admission-queue.ts";

/**
 * How often to read memory and CPU time from the kernel's files. On a crowded machine, checks are rare and each does.
 */
const memoryEveryMs = 100;
/** How often an invocation may come back from an isolate that ended. Then it fails. */
const maxReturns = 8;
/**
 * How long invocations wait for the first isolate of a service while other services use the machine's whole capacity.
 */
const maxHeldUpMs = 10_000;

export class Pool implements Invoker, SlotListener, Demand {
  readonly #options: PoolOptions;
  readonly #clock: Clock;
  #setup: Setup;
  readonly #supply: SlotSupply;
  /** Admitted invocations that have no slot yet. */
  #queue: Ticket[] = [];
  /** Invocations over the concurrency limit. */
  readonly #admissionQueue: AdmissionQueue;
  /** Number of admitted invocations without an outcome. */
  #running = 0;
  /** When the last invocation was admitted or ended. */
  #usedAt = -Infinity;
  readonly #durations = new DurationEstimates();
  readonly #preloads = new PreloadList();
  readonly #busyElsewhere: () => number;
  #memoryCheckedAt = -Infinity;
  /** Since when the queue has been held up. */
  #heldUp: { since: number } | undefined;
  #isStopping = false;
  #isKilled = false;
  #killed: Promise<void> | undefined;
  #onDrained: (() => void) | undefined;
  #onAllEnded: (() => void) | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#clock = options.budget.clock;
    this.#setup = options.setup;
    this.#admissionQueue = new AdmissionQueue(options.queueTimeoutMs);
    this.#supply = new SlotSupply(options, this, (user) => this.#startSlot(user));
    this.#busyElsewhere = () => options.budget.busyBeside(this.#supply);
  }

  /**
   * Starts the spares, if the pool keeps any now.
   * @param minIdle the minimum number of idle isolates until the next call, even if fewer spares are configured.
   */
  start(minIdle = 0): void {
    this.#supply.minIdle = minIdle;
    this.#supply.startNeeded();
    // The minimum may be lower than before, so idle isolates may have to end.
    if (this.#supply.slots.size > 0 && !this.#isKilled) this.#options.budget.monitor.add(this.#check);
  }

  /** Number of isolates, including those that are starting. */
  get isolates(): number {
    return this.#supply.slots.size;
  }

  /** Number of invocations that run or wait in the pool. */
  get running(): number {
    return this.#running;
  }

  /** Whether there is no process, and only an invocation would start one. */
  get isCold(): boolean {
    return this.#supply.slots.size === 0 && this.#running === 0 && this.#supply.spares === 0;
  }

  get isInUse(): boolean {
    if (this.#running > 0) return true;
    return this.#usedAt > -Infinity && this.#clock.now() - this.#usedAt <= this.#options.idleTimeoutMs;
  }

  get lastUsedAt(): number {
    return this.#running > 0 ? this.#clock.now() : this.#usedAt;
  }

  get isolateConcurrency(): number {
    return this.#setup.concurrency;
  }

  get isolatesWanted(): number {
    return isolatesFor(this.#queue, this.#setup.concurrency, this.#options.isPerFunction);
  }

  invoke(invocation: Invocation): Promise<Outcome> {
    return new Promise((resolve) => {
      const ticket = makeTicket(invocation, resolve, this.#clock.now());
      if (this.#isStopping) this.#refuse(ticket, "server-draining");
      else if (this.#running < this.#options.concurrency) this.#admit(ticket);
      else if (!this.#admissionQueue.admit(ticket)) this.#refuse(ticket, "too-many-invocations");
    });
  }

  abandon(invocation: Invocation): void {
    invocation.isAbandoned = true;
    // If the invocation is still queued, its isolate learns this when it gets the invocation.
    for (const slot of this.#supply.slots) if (slot.abandon(invocation)) return;
  }

  /** Later invocations see the changes. Isolates with the old setup end when their invocations are done. */
  update(changes: Partial<ServiceSetup>): void {
    this.#setup = { ...this.#setup, ...changes };
    // Failures to preload belong to the old code.
    if (changes.functions !== undefined) this.#preloads.clear();
    const outdated = [...this.#supply.slots];
    for (const slot of outdated) slot.retire("reloaded");
    this.#supply.startNeeded();
  }

  /** Rejects new invocations, finishes those that run or wait, then ends every isolate. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#supply.isStopping = true;
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#onDrained = resolve));
    await this.kill();
  }

  /** Ends everything now. Resolves when every isolate is gone. */
  kill(): Promise<void> {
    return (this.#killed ??= this.#kill());
  }

  async #kill(): Promise<void> {
    this.#isStopping = true;
    this.#isKilled = true;
    this.#supply.kill();
    this.#options.budget.monitor.delete(this.#check);
    for (let next = this.#admissionQueue.next(); next !== undefined; next = this.#admissionQueue.next()) {
      this.#refuse(next, "server-draining");
    }
    for (const slot of this.#supply.slots) slot.end("stopped", "");
    for (const ticket of this.#queue.splice(0)) this.#settle(ticket, "server-draining");
    if (this.#supply.slots.size > 0) await new Promise<void>((resolve) => (this.#onAllEnded = resolve));
  }

  #admit(ticket: Ticket): void {
    this.#running++;
    this.#usedAt = this.#clock.now();
    this.#queue.push(ticket);
    this.#dispatch();
  }

  #refuse(ticket: Ticket, code: "too-many-invocations" | "server-draining"): void {
    ticket.resolve({ kind: "failed", code, running: this.#running });
  }

  #dispatch(): void {
    const rules = this.#rules;
    /** Number of invocations without a slot, by function. If one has to wait, so do the others of its function. */
    const stuck = new Map<string, number>();
    let isolatesNeeded = 0;
    for (let i = 0; i < this.#queue.length;) {
      const ticket = this.#queue[i] as Ticket;
      const { function: name } = ticket.invocation;
      const expectedMs = this.#durations.expectedMs(name);
      const slot = stuck.has(name) ? undefined : chooseSlot(this.#supply.slots, { function: name, expectedMs }, rules);
      if (slot !== undefined) {
        this.#queue.splice(i, 1);
        slot.assign(ticket, expectedMs, this.#isCrowded);
        continue;
      }
      if (!rules.isPerFunction) break;
      i++;
      const before = stuck.get(name) ?? 0;
      stuck.set(name, before + 1);
      if (before % this.#setup.concurrency > 0 || ++isolatesNeeded <= this.#startable) continue;
      // The invocation that has waited longest gets room before later ones get an isolate of their function.
      this.#makeRoom({ function: name, expectedMs });
    }
    if (this.#queue.length > 0) this.#supply.startNeeded();
    else this.#supply.startSparesSoon();
    if (!this.#isKilled) this.#options.budget.monitor.add(this.#check);
  }

  /** Whether invocations wait for an isolate, or isolates for a processor. */
  get #isCrowded(): boolean {
    for (const slot of this.#supply.slots) if (slot.isCrowded) return true;
    return this.#supply.busy + this.#busyElsewhere() >= this.#options.budget.processors;
  }

  get #rules(): ChoiceRules {
    const { isPerFunction, budget, reuse } = this.#options;
    const mayQueue = !this.#setup.isHardened && reuse !== "never" && this.#setup.concurrency === 1;
    const now = this.#clock.now();
    return { isPerFunction, mayQueue, processors: budget.processors, busyElsewhere: this.#busyElsewhere, now };
  }

  /** How many pending invocations can get an isolate without ending another: isolates that start now, or may start. */
  get #startable(): number {
    const { starting, room } = this.#supply.count();
    return starting + Math.max(0, room);
  }

  #makeRoom(wanted: PendingInvocation): void {
    if (!this.#supply.canReplace) return;
    chooseEvicted(this.#supply.slots, wanted)?.end("idle", "another function needed its place");
  }

  #startSlot(user: IsolateUser | undefined): SlotLike {
    const { timeoutMs, reuse, residentLimitBytes, debugging, startSlot } = this.#options;
    const debug = debugging && { debugger: debugging.setup() };
    const setup = { ...this.#setup, preload: this.#preload(), ...debug };
    const clock = this.#clock;
    return startSlot({ setup, user, timeoutMs, reuse, residentLimitBytes, debugging, clock, listener: this });
  }

  #preload(): string[] {
    // The first invocation decides which function the isolate serves.
    return this.#options.isPerFunction ? [] : this.#preloads.of(this.#setup, this.#durations.called);
  }

  onFree(slot: SlotLike): void {
    // An isolate that has just started may allow the next start.
    if (this.#queue.length > 0 || slot.invocations === 0) this.#dispatch();
    this.#supply.onFree(slot);
  }

  onEnding(slot: SlotLike): void {
    this.#supply.onEnding(slot);
  }

  onReply(ticket: Ticket, message: ReplyMessage, body: Buffer): void {
    ticket.resolve(outcomeOf(ticket, message, body, this.#running, this.#setup.limits));
    this.#leave();
  }

  onTimeout(slot: SlotLike, ticket: Ticket): void {
    this.#settle(ticket, "handler-timed-out", `after ${this.#options.timeoutMs} ms, in process ${slot.pid}`);
  }

  onDiagnosis(ticket: Ticket, diagnosis: Diagnosis): void {
    if (diagnosis.state === "computing" || diagnosis.state === "waiting") ticket.isLocated = true;
    this.#options.onDiagnosis?.(ticket.invocation, diagnosis);
  }

  onSettled(ticket: Ticket, tookMs: number): void {
    this.#durations.record(ticket.invocation.function, tookMs);
  }

  onLoadFailed(name: string, error: SerializedError): void {
    if (!this.#preloads.isFirstFailure(name)) return;
    const message = `/${name} cannot be loaded: ${error.stack ?? `${error.name}: ${error.message}`}`;
    notices.publish({ service: this.#options.service, level: "warn", code: "function-load-failed", message });
  }

  /** Puts the tickets back at the head of the queue, because they have waited longest. */
  onReturned(tickets: readonly Ticket[]): void {
    for (const ticket of tickets.toReversed()) {
      if (this.#isKilled) this.#settle(ticket, "server-draining");
      else if (ticket.returns <= maxReturns) this.#queue.unshift(ticket);
      else this.#settle(ticket, "isolate-not-started", "every isolate that it was assigned to ended first");
    }
    if (!this.#isKilled) this.#dispatch();
  }

  onOutput(ticket: Ticket | undefined, level: "debug" | "info" | "warn" | "error", text: string): void {
    const { service, deployment } = this.#options;
    const source = deployment === undefined ? { service } : { service, deployment };
    if (ticket === undefined) return outputWritten.publish({ ...source, level, text });
    const { requestId, function: name } = ticket.invocation;
    outputWritten.publish({ ...source, requestId, function: name, level, text });
  }

  onEnded(slot: SlotLike, end: SlotEnd, lost: readonly Ticket[]): void {
    this.#supply.slots.delete(slot);
    this.#options.debugging?.onEnded(slot.invocations > 0);
    const invocation = end.ticket?.invocation;
    isolateEnded.publish({
      service: this.#options.service,
      pid: slot.pid,
      reason: end.reason,
      detail: end.detail,
      invocations: slot.invocations,
      ...(invocation && { requestId: invocation.requestId, function: invocation.function }),
    });
    for (const ticket of lost) this.#settle(ticket, end.code, end.detail);
    // The next invocation of this function may end its isolate too, so nothing should wait behind it.
    if (end.ticket !== undefined && end.reason !== "never-reused")
      this.#durations.suspect(end.ticket.invocation.function);
    const isIntended = end.reason === "stopped" || end.reason === "reloaded";
    if (!isIntended) for (const name of slot.suspects(end.reason)) this.#preloads.suspect(name);
    if (end.hadStarted || isIntended) this.#supply.onStarted();
    else this.#onStartFailed(end);
    this.#dispatch();
    this.#supply.onEnded(slot);
    if (this.#supply.slots.size === 0) this.#onAllEnded?.();
  }

  /** When the supply has given up, all queued invocations fail with the reason. */
  #onStartFailed(end: SlotEnd): void {
    const { detail } = end;
    if (!this.#supply.onStartFailed(end)) return;
    notices.publish({ service: this.#options.service, level: "error", code: "isolate-not-started", message: detail });
    if (!this.#supply.hasGivenUp) return;
    this.#options.onStartGivenUp?.(detail);
    for (const ticket of this.#queue.splice(0)) this.#settle(ticket, "isolate-not-started", detail);
  }

  /** Gives an invocation without a reply its outcome. */
  #settle(ticket: Ticket, code: Extract<Outcome, { kind: "failed" }>["code"], detail = ""): void {
    ticket.resolve(failedOutcome(ticket, { code, detail }, this.#running));
    this.#leave();
  }

  #leave(): void {
    this.#running--;
    this.#usedAt = this.#clock.now();
    if (this.#running === 0) this.#onDrained?.();
    const next = this.#admissionQueue.next();
    if (next !== undefined) this.#admit(next);
  }

  /** Checks deadlines, memory and slow heads while something runs, and idle isolates while there are too many. */
  readonly #check = (now: number, ownStalledMs: number): boolean => {
    const stalledMs = ownStalledMs + (this.#options.debugging?.takeHeldMs(now) ?? 0);
    if (stalledMs > 0) this.#admissionQueue.excludeStall(now, stalledMs);
    this.#refuseExpired(now);
    this.#refuseHeldUp(now, stalledMs);
    const isMemoryDue = now - this.#memoryCheckedAt >= memoryEveryMs;
    if (isMemoryDue) this.#memoryCheckedAt = now;
    for (const slot of this.#supply.slots) if (slot.load > 0) slot.check(now, stalledMs, isMemoryDue);
    const { isPerFunction, idleTimeoutMs, keepsSpares } = this.#options;
    const { slots, spares } = this.#supply;
    const { expired, hasSurplus } = chooseExpired(slots, { isPerFunction, spares, idleTimeoutMs }, now);
    for (const slot of expired) slot.end("idle", "");
    if (this.#running > 0 || hasSurplus || [...slots].some(({ load }) => load > 0)) return true;
    return keepsSpares === "in-use" && slots.size > 0;
  };

  #refuseExpired(now: number): void {
    for (
      let late = this.#admissionQueue.nextExpired(now);
      late !== undefined;
      late = this.#admissionQueue.nextExpired(now)
    ) {
      this.#refuse(late, "too-many-invocations");
    }
  }

  /** Fails queued invocations if other services have used the machine's whole capacity for too long. */
  #refuseHeldUp(now: number, stalledMs: number): void {
    if (this.#queue.length === 0 || !this.#supply.isHeldUp) {
      this.#heldUp = undefined;
      return;
    }
    this.#heldUp ??= { since: now };
    this.#heldUp.since += Math.min(stalledMs, now - this.#heldUp.since);
    if (now - this.#heldUp.since < maxHeldUpMs) return;
    this.#heldUp = undefined;
    const detail = "other services had all isolates, or all users of isolates, that this machine has";
    for (const ticket of this.#queue.splice(0)) this.#settle(ticket, "server-overloaded", detail);
  }
}
