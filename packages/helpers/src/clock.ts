/**
 * The only source of time and random numbers in this package. Tests can replace it (`useFakeClock` of
 * `@offhook/helpers/testing`), so that they need not wait for retries.
 */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** From 0 to 1, like `Math.random`. */
  random(): number;
  /**
   * Calls back once when `ms` have passed. For a deliberate wait.
   * @returns a function that cancels it.
   */
  pause(ms: number, callback: () => void): () => void;
  /**
   * Calls back once when `ms` have passed. For a time limit that is normally not reached.
   * @returns a function that cancels it.
   */
  alarm(ms: number, callback: () => void): () => void;
}

function systemTimer(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, Math.min(ms, maxTimerMs));
  return () => clearTimeout(timer);
}

/** `setTimeout` fires at once if the delay is longer than this. */
const maxTimerMs = 2 ** 31 - 1;

let current: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  pause: systemTimer,
  alarm: systemTimer,
};

/** The current clock. Call this each time, and do not keep the result: a test may replace the clock. */
export function clock(): Clock {
  return current;
}

/** @returns a function that restores the previous clock. */
export function replaceClock(replacement: Clock): () => void {
  const before = current;
  current = replacement;
  return () => {
    current = before;
  };
}

/**
 * Resolves with the result of the work.
 * @throws if the work takes longer than `ms`. It then continues, but nobody waits.
 */
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

/** Resolves after `ms`, or early and without an error when the signal is aborted. */
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
