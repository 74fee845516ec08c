/** The clock of a pool. Tests replace it, so that they test the policy without waiting. */

export type Cancel = () => void;

export interface Clock {
  /** Milliseconds since a fixed moment, like `performance.now()`. */
  now(): number;
  /** Calls once, after `ms` milliseconds. */
  after(ms: number, callback: () => void): Cancel;
  /** Calls repeatedly. @param isBackground whether the process may exit meanwhile. */
  every(ms: number, callback: () => void, isBackground?: boolean): Cancel;
  /** Calls when all data that has arrived by now is read. */
  afterTurn(callback: () => void): void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  every(ms, callback, isBackground = false) {
    const timer = setInterval(callback, ms);
    if (isBackground) timer.unref();
    return () => clearInterval(timer);
  },
  afterTurn: (callback) => void setImmediate(callback),
};
