/**
 * Disposal of objects that are set up for a test.
 */

/** Call it, or declare the object with `using`. A second call does nothing. */
export type Ending = (() => void) & Disposable;

// In a realm that a test framework created, the symbols may be missing although Node has them.
const disposeKey: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for("nodejs.dispose");
const asyncDisposeKey: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for("nodejs.asyncDispose");

export function ending(end: () => void): Ending {
  let hasEnded = false;
  const once = (): void => {
    if (hasEnded) return;
    hasEnded = true;
    end();
  };
  return withDispose(once, once);
}

export function withDispose<T extends object>(thing: T, end: () => void): T & Disposable {
  return Object.defineProperty(thing, disposeKey, { value: end }) as T & Disposable;
}

export function withAsyncDispose<T extends object>(thing: T, end: () => Promise<void>): T & AsyncDisposable {
  return Object.defineProperty(thing, asyncDisposeKey, { value: end }) as T & AsyncDisposable;
}
