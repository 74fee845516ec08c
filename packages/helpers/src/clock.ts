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
   * Calls back once, `ms` from now.
   * @returns what calls it off.
   */
  after(ms: number, callback: () => void): () => void;
}

const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

let current = systemClock;

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

/** Ends early, without an error, when the signal is aborted. */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = (): void => {
      callOff();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const callOff = current.after(ms, end);
    signal?.addEventListener("abort", end);
  });
}
