/**
 * The pool of one service: takes invocations, finds or starts isolates for them, and has an outcome for
 * each, whatever happens to the isolate.
 *
 *     invoke ─▶ admit (concurrency) ─▶ queue ─▶ slot ─▶ outcome
 *                  ╰─ waiting room ─▶ 429
 */
import { isolateEnded, notices, outputWritten } from "../observe/channels.ts";
import type { Diagnosis, SerializedError, ServiceSetup, Setup } from "../protocol/messages.ts";
import type { Debugging } from "./debugging.ts";
import type { Invocation, Invoker, Outcome } from "./invocation.ts";
import { Pace } from "./pace.ts";
import type { PoolOptions } from "./pool-options.ts";
import { residentBytes } from "./process-stats.ts";
import { Slot, type ReplyMessage, type SlotListener } from "./slot.ts";
import { chooseEvicted, chooseSlot, isolatesFor, slowHeadMs, type ChoiceRules, type Wanted } from "./slot-choice.ts";
import type { SlotEnd } from "./slot-end.ts";
import { StartBackoff } from "./start-backoff.ts";
import { failedOutcome, outcomeOf } from "./outcome.ts";
import { makeTicket, type Ticket } from "./ticket.ts";
import { WaitingRoom } from "./waiting-room.ts";
import { Watch } from "./watch.ts";

/** A spare that has just been taken is not replaced at once: a start takes time that the invocation needs, and it may soon be free. */
const spareDelayMs = 10;
/** Memory and CPU time only every so many looks: they stand in files of the kernel. */
const memoryEvery = 5;
/** Functions loaded ahead of their first call, those that have been called first. */
const preloadLimit = 32;
/** An invocation is not given to one isolate after the other for ever. */
const returnsAtMost = 8;

export class Pool implements Invoker, SlotListener {
  readonly #options: PoolOptions;
  #setup: Setup;
  #slots = new Set<Slot>();
  /** Admitted, without a slot yet. */
  #queue: Ticket[] = [];
  /** Over the concurrency limit. */
  readonly #waitingRoom: WaitingRoom;
  /** Admitted and without an outcome. */
  #running = 0;
  readonly #pace = new Pace();
  /** Functions whose module scope kills or hangs an isolate: loaded only when called. */
  readonly #unpreloadable = new Set<string>();
  /** Functions that failed to load ahead, which has been told. */
  readonly #unloadable = new Set<string>();
  readonly #watch = new Watch((now, stalledMs) => this.#look(now, stalledMs));
  #looks = 0;
  readonly #backoff = new StartBackoff();
  #startTimer: NodeJS.Timeout | undefined;
  /** How many idle isolates are wanted where the spares are fewer. */
  #minIdle = 0;
  #isStopping = false;
  #isKilled = false;
  #killed: Promise<void> | undefined;
  #onDrained: (() => void) | undefined;
  #onAllEnded: (() => void) | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#setup = options.setup;
    this.#waitingRoom = new WaitingRoom(options.queueTimeoutMs);
  }

  get #debugging(): Debugging | undefined {
    return this.#options.isolate.debugging;
  }

  /** Starts the spares. @param minIdle how many idle isolates are kept ready where the spares are fewer, until the next call. */
  start(minIdle = 0): void {
    this.#minIdle = minIdle;
    this.#startNeeded();
  }

  /** Isolates that start or are there. */
  get isolates(): number {
    return this.#slots.size;
  }

  /** Invocations that run or wait in the pool. */
  get running(): number {
    return this.#running;
  }

  invoke(invocation: Invocation): Promise<Outcome> {
    return new Promise((resolve) => {
      const ticket = makeTicket(invocation, resolve);
      if (this.#isStopping) this.#refuse(ticket, "server-draining");
      else if (this.#running < this.#options.concurrency) this.#admit(ticket);
      else if (!this.#waitingRoom.admit(ticket)) this.#refuse(ticket, "too-many-invocations");
    });
  }

  abandon(invocation: Invocation): void {
    invocation.isAbandoned = true;
    // Where it waits still, its isolate is told when it is given to one.
    for (const slot of this.#slots) if (slot.abandon(invocation)) return;
  }

  /** The next invocations see this; isolates that knew something else end when they are done. */
  update(changes: Partial<ServiceSetup>): void {
    this.#setup = { ...this.#setup, ...changes };
    if (changes.functions !== undefined) {
      // What is known of them was said of other code.
      this.#unpreloadable.clear();
      this.#unloadable.clear();
    }
    const outdated = [...this.#slots];
    for (const slot of outdated) slot.retire("reloaded");
    this.#startNeeded();
  }

  /** What runs or waits is finished, nothing new is taken, then every isolate ends. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#onDrained = resolve));
    await this.kill();
  }

  /** Everything ends now; resolves when every isolate is gone. */
  kill(): Promise<void> {
    return (this.#killed ??= this.#kill());
  }

  async #kill(): Promise<void> {
    this.#isStopping = true;
    this.#isKilled = true;
    clearTimeout(this.#startTimer);
    this.#watch.stop();
    for (let next = this.#waitingRoom.next(); next !== undefined; next = this.#waitingRoom.next()) {
      this.#refuse(next, "server-draining");
    }
    for (const slot of this.#slots) slot.end("stopped", "");
    for (const ticket of this.#queue.splice(0)) this.#settle(ticket, "server-draining");
    if (this.#slots.size > 0) await new Promise<void>((resolve) => (this.#onAllEnded = resolve));
  }

  #admit(ticket: Ticket): void {
    this.#running++;
    this.#queue.push(ticket);
    this.#dispatch();
  }

  #refuse(ticket: Ticket, code: "too-many-invocations" | "server-draining"): void {
    ticket.resolve({ kind: "failed", code, running: this.#running });
  }

  #dispatch(): void {
    const rules = this.#rules;
    /** Invocations without a place, by function: where one waits, the others of that function do too. */
    const stuck = new Map<string, number>();
    let isolatesNeeded = 0;
    for (let i = 0; i < this.#queue.length;) {
      const ticket = this.#queue[i] as Ticket;
      const { function: name } = ticket.invocation;
      const expectedMs = this.#pace.expectedMs(name);
      const slot = stuck.has(name) ? undefined : chooseSlot(this.#slots, { function: name, expectedMs }, rules);
      if (slot !== undefined) {
        this.#queue.splice(i, 1);
        slot.give(ticket, expectedMs, this.#isCrowded);
        continue;
      }
      if (!rules.isPerFunction) break;
      i++;
      const before = stuck.get(name) ?? 0;
      stuck.set(name, before + 1);
      if (before % this.#setup.concurrency > 0 || ++isolatesNeeded <= this.#startable) continue;
      // What has waited longest gets room before those behind it get an isolate of their own function.
      this.#makeRoom({ function: name, expectedMs });
    }
    if (this.#queue.length > 0) this.#startNeeded();
    else this.#startNeededLater(spareDelayMs);
    if (!this.#isKilled) this.#watch.start();
  }

  get #isCrowded(): boolean {
    for (const slot of this.#slots) if (slot.isCrowded) return true;
    return false;
  }

  get #rules(): ChoiceRules {
    const { isPerFunction, parallelStarts, reuse } = this.#options;
    const mayQueue = !this.#setup.isHardened && reuse !== "never" && this.#setup.concurrency === 1;
    return { isPerFunction, mayQueue, parallelStarts };
  }

  /** How many of those that wait get an isolate without the end of another: those that start, and those that may. */
  get #startable(): number {
    const { starting, room } = this.#countSlots();
    return starting + Math.max(0, room);
  }

  #makeRoom(wanted: Wanted): void {
    if (this.#isKilled || this.#backoff.delayMs > 0) return;
    chooseEvicted(this.#slots, wanted)?.end("idle", "another function needed its place");
  }

  /** Starts isolates for what waits, and spares for what comes, no more at once than there are processors. */
  #startNeeded(): void {
    if (this.#isKilled) return;
    const spares = this.#isStopping ? 0 : Math.max(this.#options.spares, this.#minIdle);
    const { starting, free, room } = this.#countSlots();
    const waiting = isolatesFor(this.#queue, this.#setup.concurrency, this.#options.isPerFunction);
    const wanted = Math.min(waiting + spares - free - starting, room, this.#options.parallelStarts - starting);
    if (wanted <= 0) return;
    const { delayMs } = this.#backoff;
    if (delayMs > 0) this.#startNeededLater(delayMs);
    else for (let i = 0; i < wanted; i++) this.#startSlot();
  }

  #countSlots(): { starting: number; free: number; room: number } {
    const { isPerFunction, concurrency, spares } = this.#options;
    let starting = 0;
    let free = 0;
    let living = 0;
    for (const slot of this.#slots) {
      if (slot.state === "ending" || slot.isRetiring) continue;
      living++;
      if (slot.state === "starting") starting++;
      // One that belongs to a function is no spare for the others.
      else if (isPerFunction ? slot.function === undefined : slot.load === 0 || slot.isSettling) free++;
    }
    const most = Math.ceil(concurrency / this.#setup.concurrency) + (this.#isStopping ? 0 : spares);
    // A debugger sees one isolate: the next one is started when that is gone.
    const room = this.#debugging === undefined ? most - living : 1 - this.#slots.size;
    return { starting, free, room };
  }

  #startNeededLater(delayMs: number): void {
    this.#startTimer ??= setTimeout(() => {
      this.#startTimer = undefined;
      this.#startNeeded();
    }, delayMs);
  }

  #startSlot(): void {
    const { isolate, timeoutMs, reuse, onStart } = this.#options;
    onStart?.();
    const debug = this.#debugging && { debugger: this.#debugging.setup() };
    const setup = { ...this.#setup, preload: this.#preload(), ...debug };
    this.#slots.add(new Slot({ isolate, setup, timeoutMs, reuse }, this));
  }

  #preload(): string[] {
    // Whose it will be is not known yet.
    if (this.#options.isPerFunction) return [];
    const { functions, preload } = this.#setup;
    const isWanted = (name: string): boolean => Object.hasOwn(functions, name) && !this.#unpreloadable.has(name);
    return [...new Set([...this.#pace.called, ...preload])].filter(isWanted).slice(0, preloadLimit);
  }

  onFree(slot: Slot): void {
    if (!slot.isAnnounced && slot.readyAt !== Infinity) {
      slot.isAnnounced = true;
      this.#options.onReady?.();
    }
    // One that has just started may make room for the next start.
    if (this.#queue.length > 0 || slot.invocations === 0) this.#dispatch();
  }

  onEnding(): void {
    this.#startNeeded();
  }

  onReply(_slot: Slot, ticket: Ticket, message: ReplyMessage, body: Buffer): void {
    ticket.resolve(outcomeOf(ticket, message, body, this.#running, this.#setup.limits));
    this.#leave();
  }

  onTimeout(slot: Slot, ticket: Ticket): void {
    this.#settle(ticket, "handler-timed-out", `after ${this.#options.timeoutMs} ms, in process ${slot.pid}`);
  }

  onDiagnosis(ticket: Ticket, diagnosis: Diagnosis): void {
    if (diagnosis.state === "computing" || diagnosis.state === "waiting") ticket.isLocated = true;
    this.#options.onDiagnosis?.(ticket.invocation, diagnosis);
  }

  onSettled(ticket: Ticket, tookMs: number): void {
    this.#pace.record(ticket.invocation.function, tookMs);
  }

  /** Told once: each isolate that starts meets it again, until it is called and answers for itself. */
  onLoadFailed(name: string, error: SerializedError): void {
    if (this.#unloadable.has(name)) return;
    this.#unloadable.add(name);
    const message = `/${name} cannot be loaded: ${error.stack ?? `${error.name}: ${error.message}`}`;
    notices.publish({ service: this.#options.service, level: "warn", code: "function-load-failed", message });
  }

  /** Back to the head of the queue: they have waited longest. */
  onReturned(_slot: Slot, tickets: Ticket[]): void {
    for (const ticket of tickets.toReversed()) {
      if (this.#isKilled) this.#settle(ticket, "server-draining");
      else if (ticket.returns <= returnsAtMost) this.#queue.unshift(ticket);
      else this.#settle(ticket, "isolate-not-started", "each isolate that was to run it ended before");
    }
    if (!this.#isKilled) this.#dispatch();
  }

  onOutput(_slot: Slot, ticket: Ticket | undefined, level: "debug" | "info" | "warn" | "error", text: string): void {
    const { service } = this.#options;
    if (ticket === undefined) return outputWritten.publish({ service, level, text });
    const { requestId, function: name } = ticket.invocation;
    outputWritten.publish({ service, requestId, function: name, level, text });
  }

  onEnded(slot: Slot, end: SlotEnd, lost: Ticket[]): void {
    this.#slots.delete(slot);
    this.#debugging?.onEnded(slot.invocations > 0);
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
    // Whatever it did, nothing should wait behind the next one.
    if (end.ticket !== undefined && end.reason !== "never-reused") this.#pace.suspect(end.ticket.invocation.function);
    const isIntended = end.reason === "stopped" || end.reason === "reloaded";
    if (!isIntended) for (const name of slot.suspects(end.reason)) this.#unpreloadable.add(name);
    if (end.hadStarted || isIntended) this.#backoff.onStarted();
    else this.#onStartFailed(end);
    if (this.#slots.size === 0) this.#onAllEnded?.();
    this.#dispatch();
  }

  /** What waits is told why, once there is no hope left. */
  #onStartFailed({ detail, isKilled }: SlotEnd): void {
    if (isKilled) this.#backoff.onKilled();
    else this.#backoff.onFailed();
    if (isKilled && !this.#backoff.isHopeless) return;
    const { service, onHopeless } = this.#options;
    notices.publish({ service, level: "error", code: "isolate-not-started", message: detail });
    if (!this.#backoff.isHopeless || this.#slots.size > 0) return;
    onHopeless?.(detail);
    for (const ticket of this.#queue.splice(0)) this.#settle(ticket, "isolate-not-started", detail);
  }

  /** The outcome of an invocation that has no reply. */
  #settle(ticket: Ticket, code: Extract<Outcome, { kind: "failed" }>["code"], detail = ""): void {
    ticket.resolve(failedOutcome(ticket, { code, detail }, this.#running));
    this.#leave();
  }

  #leave(): void {
    this.#running--;
    if (this.#running === 0) this.#onDrained?.();
    const next = this.#waitingRoom.next();
    if (next !== undefined) this.#admit(next);
  }

  /** Deadlines, memory and slow heads while something runs; idle isolates while there are too many. */
  #look(now: number, ownStalledMs: number): boolean {
    this.#looks++;
    const stalledMs = ownStalledMs + (this.#debugging?.takeHeldMs(now) ?? 0);
    if (stalledMs > 0) this.#waitingRoom.excuse(stalledMs);
    this.#refuseExpired(now);
    const { isPerFunction, spares, idleTimeoutMs } = this.#options;
    /** Those that any function can have, and those that belong to one already. */
    const idle = { open: [] as Slot[], bound: [] as Slot[] };
    for (const slot of this.#slots) {
      if (slot.load > 0) this.#lookAtBusy(slot, now, stalledMs);
      else if (slot.state === "idle") idle[isPerFunction && slot.function !== undefined ? "bound" : "open"].push(slot);
    }
    const isExpired = (slot: Slot): boolean => now - slot.idleSince > idleTimeoutMs;
    let surplus = 0;
    for (const slots of [idle.open, idle.bound]) {
      const beyond = Math.max(0, slots.length - spares);
      surplus += beyond;
      const longestIdle = slots.filter(isExpired).toSorted((a, b) => a.usedAt - b.usedAt);
      for (const slot of longestIdle.slice(0, beyond)) slot.end("idle", "");
    }
    return this.#running > 0 || surplus > 0 || [...this.#slots].some(({ load }) => load > 0);
  }

  #refuseExpired(now: number): void {
    for (let late = this.#waitingRoom.nextExpired(now); late !== undefined; late = this.#waitingRoom.nextExpired(now)) {
      this.#refuse(late, "too-many-invocations");
    }
  }

  #lookAtBusy(slot: Slot, now: number, stalledMs: number): void {
    const [head] = slot.tickets;
    if (head !== undefined && head.startedAt !== 0 && now - head.startedAt > slowHeadMs) slot.retract();
    slot.look(now, stalledMs);
    if (this.#looks % memoryEvery !== 0 || slot.state !== "busy") return;
    slot.givingWay.look(slot.pid, head);
    const resident = residentBytes(slot.pid);
    if (resident !== undefined && resident > this.#options.residentLimitBytes) {
      slot.end("out-of-memory", `resident memory reached ${Math.round(resident / 2 ** 20)} MB`);
    }
  }
}
