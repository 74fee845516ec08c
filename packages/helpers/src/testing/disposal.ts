/**
 * What is put in place for a test and has to go again.
 */

/** Called, or left by `using`: both end it. A second time does nothing. */
export type Ending = (() => void) & Disposable;

// In a realm that a test framework made, the symbols may be missing though Node has them.
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
