import type { Invocation } from "../src/pool/invocation.ts";
import type { SlotEnd } from "../src/pool/slot-end.ts";
import type { SlotLike, SlotStart, SlotState } from "../src/pool/slot-like.ts";
import type { Ticket } from "../src/pool/ticket.ts";

const nothingWrong: SlotEnd = {
  reason: "crashed",
  detail: "",
  code: "isolate-crashed",
  hadStarted: true,
  isKilled: false,
  ticket: undefined,
};

/** A slot without a process. The test decides what its isolate does. */
export class FakeSlot implements SlotLike {
  readonly #start: SlotStart;
  state: SlotState = "starting";
  readonly pid: number;
  readonly launchedAt: number;
  readyAt = Infinity;
  idleSince = 0;
  usedAt = 0;
  invocations = 0;
  function: string | undefined;
  tickets: Ticket[] = [];
  isRetiring = false;
  /** What the pool asked the slot to do: `assign a`, `end idle`. */
  readonly asked: string[] = [];
  /** For each assigned invocation: whether others waited. */
  readonly crowded: boolean[] = [];
  /** Milliseconds that the process was blocked, as the pool reported them at each check. */
  readonly stalls: number[] = [];

  constructor(start: SlotStart, pid: number) {
    this.#start = start;
    this.pid = pid;
    this.launchedAt = start.clock.now();
  }

  get start(): SlotStart {
    return this.#start;
  }

  get load(): number {
    return this.tickets.length;
  }

  get expectedMs(): number {
    return this.tickets.reduce((sum, ticket) => sum + ticket.expectedMs, 0);
  }

  get hasRoom(): boolean {
    if (this.isRetiring) return false;
    if (this.state === "busy") return this.load < this.#start.setup.concurrency;
    return this.load === 0 && (this.state === "idle" || this.state === "warming");
  }

  get isSettling(): boolean {
    return this.load === 1 && this.tickets[0]?.repliedAt !== 0;
  }

  get isCrowded(): boolean {
    return this.load > this.#start.setup.concurrency;
  }

  assign(ticket: Ticket, expectedMs: number, isCrowded: boolean): void {
    this.asked.push(`assign ${ticket.invocation.function}`);
    this.crowded.push(isCrowded);
    this.function ??= ticket.invocation.function;
    ticket.expectedMs = expectedMs;
    this.tickets.push(ticket);
    this.invocations++;
    if (this.state === "idle") this.state = "busy";
    if (this.load <= this.#start.setup.concurrency) ticket.startedAt = this.#start.clock.now();
  }

  abandon(invocation: Invocation): boolean {
    return this.tickets.some((ticket) => ticket.invocation === invocation);
  }

  retire(reason: SlotEnd["reason"]): void {
    this.isRetiring = true;
    if (this.load === 0) this.end(reason, "");
  }

  end(reason: SlotEnd["reason"], detail: string): void {
    if (this.state === "ending" || this.state === "ended") return;
    this.asked.push(`end ${reason}`);
    this.state = "ending";
    this.#end = { ...nothingWrong, reason, detail };
    this.#start.listener.onEnding(this);
  }

  /** For each check: whether it also covered memory and CPU time. */
  readonly memoryLooks: boolean[] = [];

  check(_now: number, stalledMs: number, isMemoryDue: boolean): void {
    this.memoryLooks.push(isMemoryDue);
    this.stalls.push(stalledMs);
  }

  suspects(): Iterable<string> {
    return [];
  }

  #end: SlotEnd | undefined;

  /** The isolate has sent its first message, and loads functions. */
  warm(): void {
    this.state = "warming";
    this.#start.listener.onFree(this);
  }

  ready(): void {
    this.readyAt = this.#start.clock.now();
    this.state = this.load === 0 ? "idle" : "busy";
    if (this.state === "idle") this.#becomeIdle();
  }

  /** The first invocation gets its reply, and leaves nothing. @param tookMs inside the isolate */
  reply(tookMs = 1): void {
    const ticket = this.tickets[0];
    if (ticket === undefined) throw new Error("nothing runs here");
    this.answer();
    this.tickets.shift();
    this.#start.listener.onSettled(ticket, tookMs);
    const next = this.tickets[0];
    if (next !== undefined) next.startedAt = this.#start.clock.now();
    if (this.state === "ending") return;
    if (next === undefined) this.#becomeIdle();
    else this.#start.listener.onFree(this);
  }

  /** The first invocation gets its reply, and may have leftovers. */
  answer(): void {
    const ticket = this.tickets[0];
    if (ticket === undefined || ticket.repliedAt !== 0) return;
    ticket.repliedAt = this.#start.clock.now();
    this.#start.listener.onReply(ticket, { kind: "reply", id: ticket.id, status: 200, headers: [] }, Buffer.alloc(0));
  }

  /** Returns the invocations that have not started to the pool. */
  giveBack(): void {
    const returned = this.tickets.filter(({ startedAt }) => startedAt === 0);
    this.tickets = this.tickets.filter(({ startedAt }) => startedAt !== 0);
    this.#start.listener.onReturned(returned);
  }

  /** The process has ended. */
  exit(end: Partial<SlotEnd> = {}): void {
    const [head] = this.tickets;
    this.state = "ended";
    const unstarted = this.tickets.filter(({ startedAt }) => startedAt === 0);
    const lost = this.tickets.filter(({ startedAt, repliedAt }) => startedAt !== 0 && repliedAt === 0);
    this.tickets = [];
    if (unstarted.length > 0) this.#start.listener.onReturned(unstarted);
    this.#start.listener.onEnded(this, { ...nothingWrong, ...this.#end, ticket: head, ...end }, lost);
  }

  failToStart(isKilled = false): void {
    this.exit({ reason: "start-failed", code: "isolate-not-started", hadStarted: false, isKilled, detail: "no" });
  }

  #becomeIdle(): void {
    this.state = "idle";
    this.idleSince = this.#start.clock.now();
    if (this.invocations > 0) this.usedAt = this.idleSince;
    this.#start.listener.onFree(this);
  }
}
