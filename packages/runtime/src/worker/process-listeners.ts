/** Listeners on the process, our own and those of user code. */

// User code may replace these.
const { ownKeys } = Reflect;
const { isArray } = Array;
const text = String;
const hasCaptureCallback = process.hasUncaughtExceptionCaptureCallback.bind(process);

/** Node's name of the object with all listeners. */
const eventsKey = "_events";

type Listeners = Record<PropertyKey, unknown>;

/**
 * Node keeps listeners in an object: event name → a function or an array of functions. `newListener` and
 * `removeListener` report changes, and cost nothing while there are none. A full comparison reads the object.
 */
export class ProcessListeners {
  #listeners: Listeners = {};
  #isTouched = false;

  constructor() {
    const touch = (): void => void (this.#isTouched = true);
    process.on("newListener", touch);
    process.on("removeListener", touch);
  }

  remember(): void {
    const current = currentListeners();
    const copy: Listeners = { __proto__: null };
    for (const event of ownKeys(current)) {
      const listeners = current[event];
      copy[event] = isArray(listeners) ? [...listeners] : listeners;
    }
    this.#listeners = copy;
    this.#isTouched = false;
  }

  get isTouched(): boolean {
    return this.#isTouched || hasCaptureCallback();
  }

  /** The event of a listener that was added or removed. */
  changed(): string | undefined {
    if (hasCaptureCallback()) return "uncaughtException";
    this.#isTouched = false;
    const current = currentListeners();
    const before = this.#listeners;
    const changed = firstDifference(before, current) ?? firstDifference(current, before);
    if (changed !== undefined) this.#isTouched = true;
    return changed;
  }
}

function currentListeners(): Listeners {
  return (process as unknown as Record<typeof eventsKey, Listeners>)[eventsKey];
}

function firstDifference(left: Listeners, right: Listeners): string | undefined {
  const events = ownKeys(left);
  for (let i = 0; i < events.length; i++) {
    const event = events[i] as PropertyKey;
    if (!isSame(left[event], right[event])) return text(event);
  }
  return undefined;
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isArray(a) || !isArray(b) || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
