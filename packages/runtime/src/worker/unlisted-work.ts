/**
 * Work that `async_hooks` does not report. V8 itself settles the promises of WebAssembly and `Atomics.waitAsync`. A
 * promise holds a lock of the Web Locks API.
 */
const { subscribe } = process.getBuiltinModule("node:diagnostics_channel");
const { syncBuiltinESMExports } = process.getBuiltinModule("node:module");

// User code may replace these.
const { apply, defineProperty, getOwnPropertyDescriptor } = Reflect;
const { then } = Promise.prototype;
const { getBuiltinModule } = process;
const { WebAssembly: webAssembly } = globalThis as unknown as { readonly WebAssembly: object };

/**
 * Called when work starts. @returns a function to call right before its promise settles; undefined if no owner is left.
 */
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

/** Node makes backups in a thread that it does not report. Called before user code gets the module. */
export function watchSqlite(begin: OnBegin): void {
  const sqlite = getBuiltinModule("node:sqlite");
  if (sqlite === undefined) return;
  intercept(sqlite, "backup", (result) => follow(result, begin("SQLite backup")));
  // Named imports of ES modules are copies.
  syncBuiltinESMExports();
}

/**
 * Wraps a function in a proxy, because a proxy keeps its name, length and properties, and the `[native code]` source.
 */
function intercept(owner: object, name: string, onResult: (result: unknown) => unknown): void {
  const descriptor = getOwnPropertyDescriptor(owner, name);
  if (typeof descriptor?.value !== "function") return;
  const value = new Proxy(descriptor.value as (...args: never[]) => unknown, {
    apply: (target, self, args) => onResult(apply(target, self, args)),
  });
  defineProperty(owner, name, { ...descriptor, value });
}

/**
 * Returns another promise with the same outcome. A rejection still counts as unhandled unless the author handles it.
 */
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

/** Node publishes requests for locks, and their release or refusal. Versions before 24.21 publish nothing. */
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
