/**
 * What the running invocations wait for: each `await` and each `then` that has not been answered, with the place where it
 * stands. V8 tells of every promise; 5 µs for an `await`, in development only.
 */
import type { AsyncLocalStorage } from "node:async_hooks";
import { originHere, type Origin } from "../async-kinds.ts";
import { placeIn } from "../leftovers.ts";
import { stackOf, type ProjectFrames } from "./origin.ts";

const { promiseHooks } = process.getBuiltinModule("node:v8");

/** Of awaits that are kept in mind at once: a megabyte at most. Those beyond are not told of. */
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
  /** The last ones, in a ring: some of them are in packages, or ours. */
  readonly #answered: Await[] = [];
  #answeredCount = 0;

  /** @param runs the invocation in whose context something is awaited. */
  constructor(runs: AsyncLocalStorage<object>, projectFrames: ProjectFrames) {
    this.#projectFrames = projectFrames;
    const pending = this.#pending;
    // User code may replace the methods, and what throws in here would be taken for an error of nobody's.
    const [get, set, remove] = [pending.get.bind(pending), pending.set.bind(pending), pending.delete.bind(pending)];
    const init = (promise: Promise<unknown>, parent: Promise<unknown> | undefined): void => {
      // Without a parent nobody waits yet.
      if (parent === undefined || pending.size >= maxAwaits) return;
      try {
        const run = runs.getStore();
        if (run !== undefined) set(promise, { run, origin: originHere(maxFrames, init) });
      } catch {
        // The stack is full: that is told where it hurts.
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

  /** Stacks of those in files of the project, innermost first. */
  stacksOf(run: object): string[] {
    const found = new Map<string, { readonly stack: string; readonly depth: number }>();
    for (const { run: owner, origin } of this.#pending.values()) {
      if (owner !== run) continue;
      const frames = this.#projectFrames.of(origin);
      const [place] = frames;
      // An await within a package has the line that called it, which waits as well.
      if (place === undefined || found.has(lineOf(place))) continue;
      found.set(lineOf(place), { stack: stackOf(origin), depth: frames.length });
    }
    return [...found.values()].toSorted((one, other) => other.depth - one.depth).map(({ stack }) => stack);
  }

  /** Stack of the last await of the invocation that has been answered, in a file of the project. */
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

/** File and line of a frame, without what is called there. */
function lineOf(frame: string): string {
  return placeIn(frame)?.replace(/:\d+$/, "") ?? frame;
}
