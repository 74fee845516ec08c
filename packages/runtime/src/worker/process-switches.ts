/**
 * Switches of the process that no property shows: settings behind functions, hooks, subscriptions. Some can be asked
 * for their state. The functions behind the others are wrapped, so that each use is recorded. A test compares this
 * list with what the running version of Node exports.
 */

const { apply, getPrototypeOf } = Reflect;

/** User code may replace the methods of maps and arrays. A list that grows at its end needs none. */
interface List<T> {
  length: number;
  [index: number]: T;
}

type AnyFunction = (...args: never[]) => unknown;
type Exports = Record<string, unknown>;

export interface SwitchContext {
  /** Module scope is running: what it sets is there to stay. */
  isKept(): boolean;
}

interface Setting {
  readonly name: string;
  readonly read: () => unknown;
  readonly write: (value: never) => unknown;
  value: unknown;
}

/** A change that can be undone. */
interface Undo {
  readonly name: string;
  run(): void;
}

export class ProcessSwitches {
  readonly #context: SwitchContext;
  readonly #settings = emptyList<Setting>();
  #undos = emptyList<Undo>();
  #lasting = "";

  constructor(context: SwitchContext) {
    this.#context = context;
  }

  /** Called with a module of Node before user code has it. */
  watch(name: string, exports: object): void {
    watchers[name]?.(exports as Exports, this);
  }

  get settingNames(): readonly string[] {
    const names: string[] = [];
    for (let i = 0; i < this.#settings.length; i++) names.push((this.#settings[i] as Setting).name);
    return names;
  }

  /** State that can be read and written. */
  setting(name: string, read: () => unknown, write: (value: never) => unknown, usual?: unknown): void {
    let value: unknown;
    try {
      value = usual ?? read();
    } catch {
      return;
    }
    this.#settings[this.#settings.length++] = { name, read, write, value };
  }

  /** From then on the isolate is not used again. */
  last(owner: Exports, ...names: string[]): void {
    for (const name of names) {
      this.wrap(owner, name, (original, self, args) => {
        if (!this.#context.isKept()) this.#record(`${name}() was called`);
        return apply(original, self, args) as unknown;
      });
    }
  }

  #record(text: string): void {
    if (this.#lasting === "") this.#lasting = text;
  }

  wrap(
    owner: Exports,
    name: string,
    run: (original: AnyFunction, self: unknown, args: readonly unknown[]) => unknown,
  ): void {
    const original = owner[name];
    if (typeof original !== "function") return;
    const wrapped = function (this: unknown, ...args: unknown[]): unknown {
      return run(original as AnyFunction, this, args);
    };
    const { name: ownName, length } = original;
    Object.defineProperties(wrapped, { name: { value: ownName }, length: { value: length } });
    // What cannot be written user code cannot change either.
    Reflect.set(owner, name, wrapped);
  }

  /** A pair: what the first does is undone by the second, and the other way round. */
  pair(owner: Exports, on: string, off: string, isMeant: (self: unknown) => boolean = () => true): void {
    const { [on]: turnOn, [off]: turnOff } = owner as Record<string, AnyFunction>;
    if (turnOn === undefined || turnOff === undefined) return;
    this.wrap(owner, on, (original, self, args) => {
      if (isMeant(self)) this.undoLater(`${on}()`, () => void apply(turnOff, self, args));
      return apply(original, self, args) as unknown;
    });
    this.wrap(owner, off, (original, self, args) => {
      if (isMeant(self)) this.undoLater(`${off}()`, () => void apply(turnOn, self, args));
      return apply(original, self, args) as unknown;
    });
  }

  /** Not for what module scope does. */
  undoLater(name: string, run: () => void): void {
    if (!this.#context.isKept()) this.#undos[this.#undos.length++] = { name, run };
  }

  /** Whether a switch has been used that shows without asking. Costs nothing. */
  get isTouched(): boolean {
    return this.#lasting !== "" || this.#undos.length > 0;
  }

  /** Puts back what can be put back. @returns what cannot; empty if nothing. */
  restore(): string {
    // The last first: each finds what it had changed.
    for (let i = this.#undos.length - 1; i >= 0; i--) {
      const undo = this.#undos[i] as Undo;
      try {
        undo.run();
      } catch {
        this.#record(`${undo.name} could not be undone`);
      }
    }
    this.#undos = emptyList();
    return this.#lasting;
  }

  /** What could not be put back. */
  get unrestored(): string {
    return this.#lasting;
  }

  /** Settings that have changed are put back. @returns whether there was one. */
  restoreSettings(): boolean {
    let hasChanged = false;
    for (let i = 0; i < this.#settings.length; i++) {
      const { name, read, write, value } = this.#settings[i] as Setting;
      if (isSame(read(), value)) continue;
      hasChanged = true;
      try {
        write(value as never);
      } catch {
        this.#record(`${name} was changed`);
      }
      if (!isSame(read(), value)) this.#record(`${name} was changed`);
    }
    return hasChanged;
  }

  /** What module scope has set is there to stay. */
  keepSettings(isToKeep: (name: string) => boolean = () => true): void {
    for (let i = 0; i < this.#settings.length; i++) {
      const setting = this.#settings[i] as Setting;
      if (isToKeep(setting.name)) setting.value = setting.read();
    }
  }

  /** The names of settings that have changed. */
  changedSettings(): string[] {
    const names: string[] = [];
    for (let i = 0; i < this.#settings.length; i++) {
      const { name, read, value } = this.#settings[i] as Setting;
      if (!isSame(read(), value)) names.push(name);
    }
    return names;
  }
}

function emptyList<T>(): List<T> {
  return { __proto__: null, length: 0 } as unknown as List<T>;
}

/** Lists of servers are compared by what is in them. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [left, right] = [a as List<unknown>, b as List<unknown>];
  if (left.length === undefined || left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}

type Watcher = (exports: Exports, switches: ProcessSwitches) => void;

/** By the name of the module, without `node:`. `process` and `globalThis` are no modules, but are watched alike. */
const watchers: Readonly<Record<string, Watcher>> = {
  __proto__: null as never,
  async_hooks({ createHook, AsyncLocalStorage }, switches) {
    const hooks = getPrototypeOf((createHook as (callbacks: object) => object)({})) as Exports;
    // Node 22 has a hook of its own behind every `AsyncLocalStorage`.
    let own: unknown;
    const { enable } = hooks;
    hooks["enable"] = function (this: unknown) {
      own = this;
      return this;
    };
    const storage = new (AsyncLocalStorage as new () => {
      run(store: object, action: () => void): void;
      disable(): void;
    })();
    storage.run({}, () => {});
    storage.disable();
    hooks["enable"] = enable;
    switches.pair(hooks, "enable", "disable", (hook) => hook !== own);
  },
  crypto(crypto, switches) {
    const { getFips, setFips } = crypto as { getFips: () => unknown; setFips: (value: never) => void };
    switches.setting("crypto.fips", getFips, setFips);
    switches.last(crypto, "setEngine");
  },
  diagnostics_channel({ channel, subscribe, unsubscribe }, switches) {
    const name = "offhook:probe";
    const ignore = (): void => {};
    (subscribe as (...args: unknown[]) => void)(name, ignore);
    const active = getPrototypeOf((channel as (name: string) => object)(name)) as Exports;
    (unsubscribe as (...args: unknown[]) => void)(name, ignore);
    switches.pair(active, "subscribe", "unsubscribe");
    switches.pair(active, "bindStore", "unbindStore");
  },
  dns(dns, switches) {
    watchAccessors(dns, switches, "dns", "DefaultResultOrder");
  },
  "dns/promises"(dns, switches) {
    watchAccessors(dns, switches, "dns/promises", "DefaultResultOrder");
  },
  events({ EventEmitter }, switches) {
    const emitter = EventEmitter as { defaultMaxListeners: number; captureRejections: boolean };
    switches.setting(
      "events.defaultMaxListeners",
      () => emitter.defaultMaxListeners,
      (value) => (emitter.defaultMaxListeners = value),
    );
  },
  http(http, switches) {
    switches.last(http, "setMaxIdleHTTPParsers", "setGlobalProxyFromEnv");
  },
  inspector: watchInspector,
  "inspector/promises": watchInspector,
  module(module, switches) {
    switches.last(module, "register", "syncBuiltinESMExports");
    switches.wrap(module, "registerHooks", (original, self, args) => {
      const hooks = apply(original, self, args) as { deregister(): void };
      switches.undoLater("registerHooks()", () => hooks.deregister());
      return hooks;
    });
    const { getSourceMapsSupport: read, setSourceMapsSupport: write } = module as {
      getSourceMapsSupport?: () => Record<"enabled" | "nodeModules" | "generatedCode", boolean>;
      setSourceMapsSupport?: (enabled: boolean, options: object) => void;
    };
    if (read === undefined || write === undefined) return;
    const { enabled, nodeModules, generatedCode } = read();
    switches.setting(
      "source maps",
      () => (read().enabled ? 4 : 0) + (read().nodeModules ? 2 : 0) + (read().generatedCode ? 1 : 0),
      () => write(enabled, { nodeModules, generatedCode }),
    );
  },
  net(net, switches) {
    watchAccessors(net, switches, "net", "DefaultAutoSelectFamily", "DefaultAutoSelectFamilyAttemptTimeout");
  },
  os(os, switches) {
    switches.last(os, "setPriority");
  },
  perf_hooks({ PerformanceObserver, performance }, switches) {
    const observers = (PerformanceObserver as { prototype: Exports }).prototype;
    const { disconnect } = observers as Record<"disconnect", AnyFunction>;
    switches.wrap(observers, "observe", (original, self, args) => {
      switches.undoLater("observe()", () => void apply(disconnect, self, []));
      return apply(original, self, args) as unknown;
    });
    const timeline = getPrototypeOf(performance as object) as Exports;
    for (const [add, clear] of [
      ["mark", "clearMarks"],
      ["measure", "clearMeasures"],
    ] as const) {
      const remove = timeline[clear] as AnyFunction;
      switches.wrap(timeline, add, (original, self, args) => {
        const entry = apply(original, self, args) as { readonly name: string };
        switches.undoLater(`performance.${add}()`, () => void apply(remove, performance, [entry.name]));
        return entry;
      });
    }
    const { getEntriesByType, clearResourceTimings } = timeline as Record<
      "getEntriesByType" | "clearResourceTimings",
      AnyFunction
    >;
    switches.setting(
      "performance entries",
      () => (apply(getEntriesByType, performance, ["resource"]) as readonly unknown[]).length,
      () => apply(clearResourceTimings, performance, []),
      0,
    );
    switches.last(timeline, "setResourceTimingBufferSize");
  },
  process(process, switches) {
    switches.last(process, "addUncaughtExceptionCaptureCallback", "execve");
    switches.last(process, "setuid", "seteuid", "setgid", "setegid", "setgroups", "initgroups");
    switches.setting(
      "process.setSourceMapsEnabled()",
      () => process["sourceMapsEnabled"],
      process["setSourceMapsEnabled"] as (value: never) => void,
    );
  },
  stream(stream, switches) {
    const { getDefaultHighWaterMark: read, setDefaultHighWaterMark: write } = stream as {
      getDefaultHighWaterMark: (isObjectMode: boolean) => number;
      setDefaultHighWaterMark: (isObjectMode: boolean, value: number) => void;
    };
    for (const isObjectMode of [false, true]) {
      switches.setting(
        "stream.setDefaultHighWaterMark()",
        () => read(isObjectMode),
        (value) => write(isObjectMode, value),
      );
    }
  },
  tls(tls, switches) {
    switches.last(tls, "setDefaultCACertificates");
  },
  trace_events(traceEvents, switches) {
    switches.last(traceEvents, "createTracing");
  },
  util(util, switches) {
    switches.last(util, "setTraceSigInt");
  },
  v8(v8, switches) {
    switches.last(v8, "setFlagsFromString", "setHeapSnapshotNearHeapLimit", "startCpuProfile", "stopCoverage");
    // A copy: Node itself calls the functions of the original.
    const promiseHooks = { ...(v8["promiseHooks"] as Exports) };
    v8["promiseHooks"] = promiseHooks;
    switches.last(promiseHooks, "createHook", "onInit", "onBefore", "onAfter", "onSettled");
  },
  worker_threads(workers, switches) {
    const { getEnvironmentData: read, setEnvironmentData: write } = workers as {
      getEnvironmentData: (key: unknown) => unknown;
      setEnvironmentData: (key: unknown, value: unknown) => void;
    };
    switches.wrap(workers, "setEnvironmentData", (original, self, args) => {
      const before = read(args[0]);
      switches.undoLater("setEnvironmentData()", () => write(args[0], before));
      return apply(original, self, args) as unknown;
    });
  },
};

function watchInspector(inspector: Exports, switches: ProcessSwitches): void {
  switches.last(inspector, "open", "close");
  switches.last((inspector["Session"] as { prototype: Exports }).prototype, "connect", "connectToMainThread");
}

/** `getName` and `setName`. */
function watchAccessors(owner: Exports, switches: ProcessSwitches, module: string, ...names: string[]): void {
  for (const name of names) {
    const { [`get${name}`]: read, [`set${name}`]: write } = owner as Record<string, AnyFunction | undefined>;
    if (read === undefined || write === undefined) continue;
    switches.setting(`${module}.set${name}()`, read as () => unknown, write as (value: never) => unknown);
  }
}

/** Names of modules with something to watch. */
export const watchedModules: readonly string[] = Object.keys(watchers);
