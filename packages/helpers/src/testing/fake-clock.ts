/**
 * Time and chance for `@offhook/helpers`, as a test wants them. The rest of the world keeps its own: `Date` and `setTimeout`
 * are not touched.
 */
import timers from "node:timers";
import { replaceClock } from "../clock.ts";
import { ending, withDispose } from "./disposal.ts";

// Taken before a test can put fake ones in their place.
const { setImmediate: soon } = timers;

export interface FakeClockOptions {
  /** Milliseconds since 1970, or a date. By default the real time as of now. */
  readonly now?: number | Date;
  /** From 0 to 1. By default always 0.5, so that a test is the same each time. */
  readonly random?: number | (() => number);
  /** Nothing ends before `advance()`. By default each wait ends at once, the shortest first, and the time leaps to its end. */
  readonly manual?: boolean;
}

export interface FakeClock extends Disposable {
  /** Milliseconds since 1970. */
  now(): number;
  /** How long each wait was asked to be, in milliseconds, in order; those that were called off among them. */
  readonly waits: readonly number[];
  /**
   * Moves the time on, and ends what ends by then, in order. Those who waited go on before the next wait ends, so that a
   * wait which they begin counts too, if it is within the time.
   */
  advance(ms: number): Promise<void>;
  /** Puts back the clock that was there before. */
  restore(): void;
}

interface Pending {
  readonly at: number;
  readonly callback: () => void;
  /** A wait that somebody makes on purpose, and not a limit that he hopes not to meet. */
  readonly isPause: boolean;
}

export function useFakeClock({ now = Date.now(), random = 0.5, manual = false }: FakeClockOptions = {}): FakeClock {
  let time = Number(now);
  const waits: number[] = [];
  const pending = new Set<Pending>();

  /** @returns whether there was anything to end. */
  const endNext = (until: number): boolean => {
    const [next] = [...pending].toSorted(byTime);
    if (next === undefined || next.at > until) return false;
    pending.delete(next);
    time = Math.max(time, next.at);
    next.callback();
    return true;
  };
  /** Limits that are met on the way there are met. */
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
        // One turn for each wait, the shortest first.
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

/** Those that are due at the same time end in the order in which they began. */
function byTime(a: Pending, b: Pending): number {
  return a.at - b.at;
}
