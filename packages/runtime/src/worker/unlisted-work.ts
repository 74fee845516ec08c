/**
 * Work that `async_hooks` does not report: V8 settles the promises of WebAssembly and of `Atomics.waitAsync` itself, and a
 * lock of the Web Locks API is held by a promise.
 */
const { subscribe } = process.getBuiltinModule("node:diagnostics_channel");
const { syncBuiltinESMExports } = process.getBuiltinModule("node:module");

// User code may replace these.
const { apply, defineProperty, getOwnPropertyDescriptor } = Reflect;
const { then } = Promise.prototype;
const { getBuiltinModule } = process;
const { WebAssembly: webAssembly } = globalThis as unknown as { readonly WebAssembly: object };

/** Notes that something has begun. @returns what to call just before its end is noticed; undefined where nobody needs to know. */
export type OnBegin = (what: string) => (() => void) | undefined;

export function watchUnlistedWork(begin: OnBegin): void {
  for (const name of ["compile", "compileStreaming", "instantiate", "instantiateStreaming"]) {
    intercept(webAssembly, name, (result) => follow(result, begin("WebAssembly compilation")));
  }
  intercept(Atomics, "waitAsync", (result) => {
    const wait = result as { readonly async: boolean; value: unknown };
    if (wait.async) wait.value = follow(wait.value, begin("Atomics.waitAsync()"));
    return wait;
  });
  watchLocks(begin);
}

/** Backups are made by a thread that nothing reports. Called before user code has the module. */
export function watchSqlite(begin: OnBegin): void {
  const sqlite = getBuiltinModule("node:sqlite");
  if (sqlite === undefined) return;
  intercept(sqlite, "backup", (result) => follow(result, begin("SQLite backup")));
  // What an ES module imports by name is a copy.
  syncBuiltinESMExports();
}

/** A proxy shows the name, the length and the properties of what is behind it, and its source is `[native code]`. */
function intercept(owner: object, name: string, onResult: (result: unknown) => unknown): void {
  const descriptor = getOwnPropertyDescriptor(owner, name);
  if (typeof descriptor?.value !== "function") return;
  const value = new Proxy(descriptor.value as (...args: never[]) => unknown, {
    apply: (target, self, args) => onResult(apply(target, self, args)),
  });
  defineProperty(owner, name, { ...descriptor, value });
}

/** Another promise with the same outcome: whether somebody handles a rejection still depends on the author's code alone. */
function follow(promise: unknown, end: (() => void) | undefined): unknown {
  if (end === undefined) return promise;
  const onFulfilled = (value: unknown): unknown => {
    end();
    return value;
  };
  const onRejected = (reason: unknown): never => {
    end();
    throw reason;
  };
  return apply(then, promise, [onFulfilled, onRejected]);
}

interface LockMessage {
  readonly name: string;
  readonly mode: string;
}

/** Node publishes when a lock is asked for, and when it is released or refused. Before Node 24.21 there are no such messages. */
function watchLocks(begin: OnBegin): void {
  const heldLocks = new Map<string, ((() => void) | undefined)[]>();
  const keyOf = ({ name, mode }: LockMessage): string => `${mode} ${name}`;
  subscribe("locks.request.start", (message) => {
    const key = keyOf(message as LockMessage);
    heldLocks.set(key, [...(heldLocks.get(key) ?? []), begin("lock")]);
  });
  subscribe("locks.request.end", (message) => {
    const key = keyOf(message as LockMessage);
    const [end, ...others] = heldLocks.get(key) ?? [];
    if (others.length > 0) heldLocks.set(key, others);
    else heldLocks.delete(key);
    end?.();
  });
}
