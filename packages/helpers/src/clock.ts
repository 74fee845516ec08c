/**
 * Time and chance, as everything in this package knows them. A test puts a clock of its own in place (`useFakeClock` of
 * `@offhook/helpers/testing`), so that nobody has to wait for a retry.
 */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** From 0 to 1, as `Math.random`. */
  random(): number;
  /**
   * Calls back once when `ms` have passed: a pause that somebody makes on purpose.
   * @returns what calls it off.
   */
  pause(ms: number, callback: () => void): () => void;
  /**
   * Calls back once when `ms` have passed: a limit that one hopes not to meet.
   * @returns what calls it off.
   */
  alarm(ms: number, callback: () => void): () => void;
}

function systemTimer(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, Math.min(ms, maxTimerMs));
  return () => clearTimeout(timer);
}

/** What is longer ends at once. */
const maxTimerMs = 2 ** 31 - 1;

let current: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  pause: systemTimer,
  alarm: systemTimer,
};

/** The clock as of now: asked for each time, never kept. */
export function clock(): Clock {
  return current;
}

/** @returns what puts the clock back that was there before. */
export function replaceClock(replacement: Clock): () => void {
  const before = current;
  current = replacement;
  return () => {
    current = before;
  };
}

/** What the work comes to. @throws if that takes longer than `ms`; the work is left behind then. */
export async function within<T>(ms: number, work: T | Promise<T>): Promise<T> {
  let callOff: (() => void) | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    callOff = current.alarm(ms, () => reject(new Error(`No answer within ${Math.round(ms)} ms`)));
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    callOff?.();
  }
}

/** Ends early, without an error, when the signal is aborted. */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    let callOff: (() => void) | undefined;
    const end = (): void => {
      callOff?.();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    signal?.addEventListener("abort", end);
    callOff = current.pause(ms, end);
  });
}
