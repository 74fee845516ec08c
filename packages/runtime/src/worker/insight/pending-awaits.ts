/**
 * Promises that the running invocations wait for: every `await` and `then` that is pending, with its place. V8
 * reports every promise, which costs 5 µs per `await`. This runs only in development.
 */
import type { AsyncLocalStorage } from "node:async_hooks";
import { originHere, type Origin } from "../async-kinds.ts";
import { placeIn } from "../leftovers.ts";
import { stackOf, type ProjectFrames } from "./origin.ts";

const { promiseHooks } = process.getBuiltinModule("node:v8");

/** Pending awaits that are tracked at the same time, which takes a megabyte at most. Others are not reported. */
const maxAwaits = 1_000;
const maxAnswered = 8;
const maxFrames = 10;

interface Await {
  readonly run: object;
  readonly origin: Origin;
}

export class PendingAwaits {
  readonly #pending = new Map<Promise<unknown>, Await>();
  readonly #projectFrames: ProjectFrames;
  /** A ring of the awaits that settled last. Several are kept, because some are in packages or in our own code. */
  readonly #answered: Await[] = [];
  #answeredCount = 0;

  /** @param runs holds the invocation whose context is current. */
  constructor(runs: AsyncLocalStorage<object>, projectFrames: ProjectFrames) {
    this.#projectFrames = projectFrames;
    const pending = this.#pending;
    // User code may replace the methods. An error in this hook would look like an uncaught error without an invocation.
    const [get, set, remove] = [pending.get.bind(pending), pending.set.bind(pending), pending.delete.bind(pending)];
    const init = (promise: Promise<unknown>, parent: Promise<unknown> | undefined): void => {
      // A promise without a parent is not awaited yet.
      if (parent === undefined || pending.size >= maxAwaits) return;
      try {
        const run = runs.getStore();
        if (run !== undefined) set(promise, { run, origin: originHere(maxFrames, init) });
      } catch {
        // The stack is full. The author's own code is about to throw the same error.
      }
    };
    const before = (promise: Promise<unknown>): void => {
      const answered = get(promise);
      if (answered === undefined) return;
      remove(promise);
      this.#answered[this.#answeredCount++ % maxAnswered] = answered;
    };
    const settled = (promise: Promise<unknown>): void => void remove(promise);
    promiseHooks.createHook({ init, before, settled });
  }

  /** Stacks of the pending awaits in files of the project, innermost first. */
  stacksOf(run: object): string[] {
    const found = new Map<string, { readonly stack: string; readonly depth: number }>();
    for (const { run: owner, origin } of this.#pending.values()) {
      if (owner !== run) continue;
      const frames = this.#projectFrames.of(origin);
      const [place] = frames;
      // The stack of an await in a package includes the project's line that called the package. It waits too.
      if (place === undefined || found.has(lineOf(place))) continue;
      found.set(lineOf(place), { stack: stackOf(origin), depth: frames.length });
    }
    return [...found.values()].toSorted((one, other) => other.depth - one.depth).map(({ stack }) => stack);
  }

  /** Stack of the invocation's last await that has settled, in a file of the project. */
  lastAnsweredOf(run: object): string | undefined {
    const last = this.#inOrder().findLast((each) => each.run === run && this.#projectFrames.of(each.origin).length > 0);
    return last && stackOf(last.origin);
  }

  #inOrder(): readonly Await[] {
    const oldest = this.#answeredCount % maxAnswered;
    return [...this.#answered.slice(oldest), ...this.#answered.slice(0, oldest)];
  }

  forget(run: object): void {
    this.#answered.length = 0;
    this.#answeredCount = 0;
    for (const [promise, { run: owner }] of this.#pending) if (owner === run) this.#pending.delete(promise);
  }
}

/** File and line of a frame. */
function lineOf(frame: string): string {
  return placeIn(frame)?.replace(/:\d+$/, "") ?? frame;
}
