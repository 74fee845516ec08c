/**
 * In development, an isolate reports a diagnosis of an invocation that goes wrong: where the code was when it timed
 * out, that the handler ended without `callback`, or what still runs after it. `start` loads none of this.
 */
import type { AsyncLocalStorage } from "node:async_hooks";
import { types } from "node:util";
import type { Diagnosis, DiagnosisState, Setup } from "../../protocol/messages.ts";
import { originHere } from "../async-kinds.ts";
import { isErrorLike, withoutOurs } from "../author-error.ts";
import type { ParameterSource } from "../event.ts";
import type { InvocationRun, RunObserver } from "../invocation-run.ts";
import { unfinishedOf, type LeftoverWatch } from "../leftovers.ts";
import { send } from "../outlet.ts";
import { outside } from "../stepper.ts";
import { activeKinds, describeOpen } from "./open-resources.ts";
import { ProjectFrames, stackOf } from "./origin.ts";
import { PendingAwaits } from "./pending-awaits.ts";
import { Watchdog } from "./watchdog.ts";

// User code may replace these.
const { setTimeout, clearTimeout } = globalThis;
const { hrtime } = process;
const { isPromise } = types;

const maxStacks = 5;
const maxParameters = 50;
const maxStackLength = 8_000;
const maxFrames = 50;

/**
 * How long before the deadline we ask an idle loop what it waits for, and how long before it the thread interrupts a
 * loop that does not answer: shares of the time limit, capped. On a busy machine an idle loop may need a moment to
 * answer. A handler that computes has a low priority by then, so interrupting it takes longer.
 */
const leadTimes = { loop: { share: 0.05, maxMs: 200 }, thread: { share: 0.2, maxMs: 600 } } as const;

/** Milliseconds until the first check of a handler that has ended, and between later checks. */
const endedSoonMs = 25;
const endedMs = 250;

export class Insight implements RunObserver {
  readonly #timeoutMs: number | undefined;
  readonly #projectFrames: ProjectFrames;
  readonly #awaits: PendingAwaits;
  readonly #watchdog: Watchdog | undefined;
  #leftovers: LeftoverWatch | undefined;
  /** Running invocation → when to ask the loop about it, on the clock of `hrtime`. */
  readonly #alarms = new Map<InvocationRun, number>();
  readonly #reported = new WeakMap<InvocationRun, Set<DiagnosisState>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(setup: Setup, runs: AsyncLocalStorage<InvocationRun>) {
    this.#timeoutMs = setup.timeoutMs;
    this.#projectFrames = new ProjectFrames(setup.folder);
    this.#awaits = new PendingAwaits(runs, this.#projectFrames);
    // A hardened isolate may not start threads, so it cannot report where it computes.
    if (setup.timeoutMs !== undefined && !setup.isHardened) this.#watchdog = new Watchdog(() => this.#onAlarm());
  }

  /**
   * @param leftovers undefined if leftovers are not detected. Then there is no way to know whether a handler that has
   * ended will still call back.
   */
  setLeftoverWatch(leftovers: LeftoverWatch | undefined): void {
    this.#leftovers = leftovers;
  }

  onStart(run: InvocationRun): void {
    const timeoutMs = this.#timeoutMs;
    if (timeoutMs === undefined) return;
    const endsAtMs = run.endsAtMs ?? nowMs() + timeoutMs;
    const before = ({ share, maxMs }: (typeof leadTimes)["loop" | "thread"]): number =>
      endsAtMs - Math.min(maxMs, timeoutMs * share);
    this.#alarms.set(run, before(leadTimes.loop));
    outside(() => this.#watchdog?.arm(before(leadTimes.thread)));
    this.#arm();
  }

  onHandlerEnded(run: InvocationRun, returned: unknown): void {
    if (!run.hasReplied && this.#leftovers !== undefined) this.#checkLater(run, returned, endedSoonMs);
  }

  onCallback(run: InvocationRun, error: unknown, payload: unknown): void {
    if (run.hasReplied) this.#report(run, "called-again", [stackHere(this.onCallback)], []);
    else if (!error && isErrorLike(payload)) {
      this.#report(run, "error-as-reply", [stackHere(this.onCallback)], []);
    } else if (!error && isPromise(payload)) {
      this.#report(run, "promise-as-reply", [stackHere(this.onCallback)], []);
    }
  }

  onRequestReplaced(run: InvocationRun, source: ParameterSource): void {
    this.#report(run, "request-replaced", [], [source]);
  }

  onFailure(run: InvocationRun, parameters: readonly string[]): void {
    this.#alarms.delete(run);
    if (parameters.length > 0) this.#report(run, "failed", [], parameters.slice(0, maxParameters));
  }

  /** The invocation has settled. @param isLeft whether it has leftovers. */
  onSettled(run: InvocationRun, isLeft: boolean): void {
    this.#alarms.delete(run);
    if (this.#alarms.size === 0) this.#watchdog?.disarm();
    if (isLeft) {
      const timers = unfinishedOf(run.work).flatMap(({ origin }) => {
        return origin !== undefined && this.#projectFrames.of(origin).length > 0 ? [stackOf(origin)] : [];
      });
      const stacks = [...this.#awaits.stacksOf(run), ...timers];
      if (stacks.length > 0) this.#report(run, "left", stacks, []);
    }
    this.#awaits.forget(run);
  }

  #arm(): void {
    if (this.#timer !== undefined) return;
    const next = Math.min(...this.#alarms.values());
    if (next === Infinity) return;
    const delayMs = Math.max(1, next - nowMs());
    this.#timer = outside(() => setTimeout(() => this.#onTimer(), delayMs).unref());
  }

  /** The loop is idle, so an invocation that is close to its deadline is waiting for something. */
  #onTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = nowMs();
    for (const [run, alarmAtMs] of this.#alarms) {
      if (alarmAtMs > now) continue;
      this.#alarms.delete(run);
      if (run.hasReplied) continue;
      this.#watchdog?.disarm();
      this.#report(run, "waiting", this.#awaits.stacksOf(run), this.#openOf(run));
    }
    this.#arm();
  }

  /** Describes the invocation's open resources. Empty only if none is known. */
  #openOf(run: InvocationRun): readonly string[] {
    const described = describeOpen(unfinishedOf(run.work));
    if (described.length > 0) return described;
    // Without a leftover watch, operations are not tracked, and only Node's names of the active resources are known.
    return this.#leftovers?.find(run.work) ?? activeKinds();
  }

  /** Interrupts the code that runs. False if the loop is idle (its own timer reports then), or if a message is being written. */
  #onAlarm(): boolean {
    const [last] = [...this.#alarms.keys()].slice(-1);
    if (last === undefined || last.hasReplied) return true;
    const stack = stackHere(this.#onAlarm);
    const isIdle = !stack.includes("\n    at ");
    if (isIdle || isWritingFrame.test(stackOf(originHere(maxFrames, this.#onAlarm)))) return false;
    // If promises keep settling each other, the stack may contain no frame of the function. The last await then helps.
    const answered = this.#awaits.lastAnsweredOf(last) ?? [];
    this.#report(last, "computing", [stack, ...this.#awaits.stacksOf(last), answered].flat(), []);
    this.#watchdog?.disarm();
    return true;
  }

  /** Repeats the check until the handler has called back, or nothing is pending that could call back. */
  #checkLater(run: InvocationRun, returned: unknown, delayMs: number): void {
    const check = (): void => {
      if (run.hasReplied) return;
      const isDone = this.#leftovers?.find(run.work).length === 0;
      if (!isDone) return this.#checkLater(run, returned, endedMs);
      const pending = this.#awaits.stacksOf(run);
      const answered = this.#awaits.lastAnsweredOf(run);
      const kind = kindOf(returned);
      if (pending.length > 0) this.#report(run, "ended", pending, [kind, "pending"]);
      else this.#report(run, "ended", answered === undefined ? [] : [answered], [kind]);
    };
    outside(() => setTimeout(check, delayMs).unref());
  }

  /** Sends each state once per invocation. A handler that calls back in a loop gets one report. */
  #report(run: InvocationRun, state: DiagnosisState, stacks: readonly string[], notes: readonly string[]): void {
    const reported = this.#reported.get(run) ?? new Set();
    if (reported.has(state)) return;
    this.#reported.set(run, reported.add(state));
    const diagnosis: Diagnosis = {
      kind: "diagnosis",
      id: run.id,
      state,
      stacks: stacks.slice(0, maxStacks).map((stack) => String(stack).slice(0, maxStackLength)),
      notes: notes.map((note) => note.slice(0, 200)),
    };
    send(diagnosis);
  }
}

/** Frames of code that writes a message. Another message must not be written in the middle of it. */
const isWritingFrame = /[\\/]worker[\\/]outlet\.[jt]s|\bFrameWriter\b/;

/**
 * Returns the current stack without the frames of the inspector and without our frames below the handler. The
 * inspector's own frame is above that of the code which it interrupts. Our frames above it go first: at module scope,
 * they would look like those that led to the author's code.
 */
function stackHere(below: (...args: never[]) => unknown): string {
  const stack = stackOf(originHere(maxFrames, below)).replace(/^(?: {4}at .*\n)*? {4}at <anonymous>:\d+:\d+\n/m, "");
  const shown = withoutOurs(stack.replace(/^ {4}at .*<anonymous>:\d+:\d+\)?\n/gm, ""));
  return authorFrame.test(shown) ? shown : "";
}

/** A frame that is not Node's. Module scope is `Object.<anonymous> (file)`. */
const authorFrame = /^ {4}at (?!(?:.*[( ])?(?:node:|<anonymous>[:)]|<anonymous>$))/m;

function nowMs(): number {
  return Number(hrtime.bigint()) / 1e6;
}

/** Describes the type of the value, not its contents. */
function kindOf(returned: unknown): string {
  if (returned === undefined) return "nothing";
  if (returned === null) return "null";
  if (Array.isArray(returned)) return "an array";
  if (typeof returned !== "object") return `a ${typeof returned}`;
  try {
    const name = returned.constructor?.name;
    return typeof name === "string" && name !== "Object" && name !== "" ? `a ${name}` : "an object";
  } catch {
    return "an object";
  }
}
