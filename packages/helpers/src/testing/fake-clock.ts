/**
 * A fake clock and fake random numbers for `@offhook/helpers`. Other code is not affected: `Date` and `setTimeout` stay
 * as they are.
 */
import timers from "node:timers";
import { replaceClock } from "../clock.ts";
import { ending, withDispose } from "./disposal.ts";

// Saved before a test can replace them with fake ones.
const { setImmediate: soon } = timers;

export interface FakeClockOptions {
  /** Milliseconds since 1970, or a date. By default the current real time. */
  readonly now?: number | Date;
  /** From 0 to 1. By default always 0.5, so that a test gives the same result each time. */
  readonly random?: number | (() => number);
  /**
   * Waits end only with `advance()`. By default, each wait ends at once, the shortest first, and the time jumps to its
   * end.
   */
  readonly manual?: boolean;
}

export interface FakeClock extends Disposable {
  /** Milliseconds since 1970. */
  now(): number;
  /** The requested duration of each wait, in milliseconds, in order. Cancelled waits are included. */
  readonly waits: readonly number[];
  /**
   * Moves the time forward, and ends the waits that are due by then, in order. Code that waited continues before the
   * next wait ends. So a wait that it starts also ends if it is due by then.
   */
  advance(ms: number): Promise<void>;
  /** Restores the previous clock. */
  restore(): void;
}

interface Pending {
  readonly at: number;
  readonly callback: () => void;
  /** Whether this is a deliberate wait, and not a time limit. */
  readonly isPause: boolean;
}

export function useFakeClock({ now = Date.now(), random = 0.5, manual = false }: FakeClockOptions = {}): FakeClock {
  let time = Number(now);
  const waits: number[] = [];
  const pending = new Set<Pending>();

  /** @returns whether a wait was due. */
  const endNext = (until: number): boolean => {
    const [next] = [...pending].toSorted(byTime);
    if (next === undefined || next.at > until) return false;
    pending.delete(next);
    time = Math.max(time, next.at);
    next.callback();
    return true;
  };
  /** Ends the shortest deliberate wait, and the time limits that are due before it. */
  const leap = (): void => {
    const [next] = [...pending].filter(({ isPause }) => isPause).toSorted(byTime);
    if (next === undefined) return;
    while (pending.has(next)) if (!endNext(next.at)) return;
  };
  const add = (ms: number, callback: () => void, isPause: boolean): (() => void) => {
    const one = { at: time + Math.max(0, ms), callback, isPause };
    pending.add(one);
    return () => void pending.delete(one);
  };
  const settled = (): Promise<void> => new Promise((resolve) => void soon(resolve));

  const restore = ending(
    replaceClock({
      now: () => time,
      random: typeof random === "number" ? () => random : random,
      pause(ms, callback) {
        waits.push(ms);
        // Each wait ends in its own turn of the event loop, the shortest first.
        if (!manual) soon(leap);
        return add(ms, callback, true);
      },
      alarm: (ms, callback) => add(ms, callback, false),
    }),
  );

  const clock = {
    now: () => time,
    waits,
    async advance(ms: number) {
      const until = time + ms;
      do await settled();
      while (endNext(until));
      time = Math.max(time, until);
    },
    restore,
  };
  return withDispose(clock, restore);
}

/** Waits that are due at the same time end in the order in which they started. */
function byTime(a: Pending, b: Pending): number {
  return a.at - b.at;
}
