/** The time that a pool goes by. Tests give it another, so that policy is tested without waiting. */

export type Cancel = () => void;

export interface Clock {
  /** Milliseconds from some fixed moment, as `performance.now()`. */
  now(): number;
  /** Calls once, after so long. */
  after(ms: number, callback: () => void): Cancel;
  /** Calls again and again. @param isBackground whether the process may end meanwhile. */
  every(ms: number, callback: () => void, isBackground?: boolean): Cancel;
  /** Calls when everything that has arrived by now is read. */
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
