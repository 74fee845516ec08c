/** Watchers for the switches of each of Node's modules. */
import { getEventListeners } from "node:events";
import type { AnyFunction, Exports, ProcessSwitches } from "./process-switches.ts";

const { apply, getPrototypeOf } = Reflect;
const { exec } = RegExp.prototype;
const declaration = /\b(?:let|const|class)\b/;

interface TimelineEntry {
  readonly name: string;
  readonly startTime: number;
  readonly duration: number;
  readonly detail: unknown;
}

type Watcher = (exports: Exports, switches: ProcessSwitches) => void;

/**
 * Name of a module without `node:` → its watcher. `process` and `globalThis` are not modules, but work the same way.
 */
const watchers: Readonly<Record<string, Watcher>> = {
  __proto__: null as never,
  async_hooks({ createHook, AsyncLocalStorage }, switches) {
    const hooks = getPrototypeOf((createHook as (callbacks: object) => object)({})) as Exports;
    // Node 22 has its own hook behind every `AsyncLocalStorage`.
    const ownListeners = new Set<unknown>();
    const { enable } = hooks;
    hooks["enable"] = function (this: unknown) {
      ownListeners.add(this);
    };
    const storage = new (AsyncLocalStorage as new () => {
      run(store: object, action: () => void): void;
      disable(): void;
    })();
    storage.run({}, () => {});
    storage.disable();
    hooks["enable"] = enable;
    switches.pair(hooks, "enable", "disable", (hook) => !ownListeners.has(hook));
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
  fs(fs, switches) {
    // Node loads the stream classes when code first reads or replaces one.
    for (const key of ["ReadStream", "WriteStream", "FileReadStream", "FileWriteStream"]) {
      const { get, set } = Object.getOwnPropertyDescriptor(fs, key) ?? {};
      if (get === undefined || set === undefined) continue;
      Object.defineProperty(fs, key, {
        set: (value: unknown) => {
          const before: unknown = get();
          switches.undoLater(`fs.${key}`, () => set(before));
          set(value);
        },
      });
    }
  },
  globalThis({ URL, console }, switches) {
    const { revokeObjectURL } = URL as Record<"revokeObjectURL", AnyFunction>;
    switches.wrap(URL as Exports, "createObjectURL", (original, self, args) => {
      const url: unknown = apply(original, self, args);
      switches.undoLater("URL.createObjectURL()", () => void apply(revokeObjectURL, self, [url]));
      return url;
    });
    for (const key of ["_stdout", "_stderr"]) {
      const accessors = Object.getOwnPropertyDescriptor(console, key);
      const set = accessors?.set;
      if (set === undefined || accessors?.configurable !== true) continue;
      Object.defineProperty(console, key, {
        set: (value: unknown) => {
          // Without a stream, the console uses the stream of the process.
          switches.undoLater(`console.${key}`, () => set(undefined));
          set(value);
        },
      });
    }
  },
  http(http, switches) {
    switches.last(http, "setMaxIdleHTTPParsers", "setGlobalProxyFromEnv");
  },
  inspector: watchInspector,
  "inspector/promises": watchInspector,
  module(module, switches) {
    switches.last(module, "register", "syncBuiltinESMExports");
    const { wrapper } = module as { wrapper: readonly string[] };
    const unchanged = `${wrapper[0]}${wrapper[1]}`;
    switches.setting(
      "Module.wrapper",
      () => `${wrapper[0]}${wrapper[1]}` === unchanged,
      () => {},
    );
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
      "source map support",
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
    const { getEntriesByType } = timeline as Record<"getEntriesByType", AnyFunction>;
    for (const [add, clear] of [
      ["mark", "clearMarks"],
      ["measure", "clearMeasures"],
    ] as const) {
      const { [add]: make, [clear]: remove } = timeline as Record<string, AnyFunction>;
      switches.wrap(timeline, add, (original, self, args) => {
        const entry = apply(original, self, args) as TimelineEntry;
        switches.undoLater(`performance.${add}()`, () => void apply(remove as AnyFunction, performance, [entry.name]));
        return entry;
      });
      switches.wrap(timeline, clear, (original, self, args) => {
        const before = apply(getEntriesByType, performance, [add]) as readonly TimelineEntry[];
        switches.undoLater(`performance.${clear}()`, () => {
          const left = apply(getEntriesByType, performance, [add]) as readonly TimelineEntry[];
          for (const entry of before) {
            if (left.includes(entry)) continue;
            const { name, startTime: start, duration, detail } = entry;
            const options = add === "mark" ? { startTime: start, detail } : { start, duration, detail };
            apply(make as AnyFunction, performance, [name, options]);
          }
        });
        return apply(original, self, args) as unknown;
      });
    }
    const { clearResourceTimings } = timeline as Record<"clearResourceTimings", AnyFunction>;
    switches.setting(
      "the list of performance entries",
      () => (apply(getEntriesByType, performance, ["resource"]) as readonly unknown[]).length,
      () => apply(clearResourceTimings, performance, []),
      0,
    );
    switches.last(timeline, "setResourceTimingBufferSize");
    const event = "resourcetimingbufferfull";
    switches.setting(
      `the list of performance listeners for "${event}"`,
      () => [(performance as Exports)[`on${event}`], ...getEventListeners(performance as EventTarget, event)],
      () => {},
    );
  },
  process(process, switches) {
    switches.last(process, "addUncaughtExceptionCaptureCallback", "execve");
    switches.last(process, "setuid", "seteuid", "setgid", "setegid", "setgroups", "initgroups");
    watchStdin(process, switches);
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
    // A copy, because Node itself calls the functions of the original.
    const promiseHooks = { ...(v8["promiseHooks"] as Exports) };
    v8["promiseHooks"] = promiseHooks;
    switches.last(promiseHooks, "createHook", "onInit", "onBefore", "onAfter", "onSettled");
  },
  vm(vm, switches) {
    const { prototype } = vm["Script"] as { prototype: Exports };
    let declaresNothing = false;
    switches.wrap(vm, "runInThisContext", (original, self, args) => {
      const [source] = args;
      declaresNothing = typeof source === "string" && apply(exec, declaration, [source]) === null;
      return apply(original, self, args) as unknown;
    });
    switches.wrap(prototype, "runInThisContext", (original, self, args) => {
      // No property shows the top-level declarations of a script.
      if (!declaresNothing) switches.record("vm.runInThisContext() was called");
      declaresNothing = false;
      return apply(original, self, args) as unknown;
    });
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

/** Node creates `stdin` when it is first read. After that, user code may read it, listen to it, or set its encoding. */
function watchStdin(process: Exports, switches: ProcessSwitches): void {
  const get = Object.getOwnPropertyDescriptor(process, "stdin")?.get;
  if (get === undefined) return;
  let stdin: NodeJS.ReadStream | undefined;
  let stateWhenMade = "";
  Object.defineProperty(process, "stdin", {
    get: () => {
      if (stdin === undefined) {
        stdin = apply(get, process, []) as NodeJS.ReadStream;
        stateWhenMade = stateOf(stdin);
      }
      return stdin;
    },
  });
  switches.setting(
    "process.stdin",
    () => {
      const state = stdin === undefined ? "" : stateOf(stdin);
      return state === stateWhenMade ? "" : state;
    },
    () => {},
  );
}

function stateOf(stream: NodeJS.ReadStream): string {
  const { readableEncoding, readableFlowing, destroyed } = stream;
  // Skips symbols: Node's own listeners, which wait until the stream is open.
  const events = stream.eventNames().filter((event) => typeof event === "string");
  const listeners = events.map((event) => `${event} ${stream.listenerCount(event)}`);
  const names = Object.getOwnPropertyNames(stream);
  return [readableEncoding, readableFlowing, destroyed, stream.getMaxListeners(), ...listeners, ...names].join();
}

function watchInspector(inspector: Exports, switches: ProcessSwitches): void {
  switches.last(inspector, "open", "close");
  switches.last((inspector["Session"] as { prototype: Exports }).prototype, "connect", "connectToMainThread");
}

/** Watches a setting with the functions `getName` and `setName`. */
function watchAccessors(owner: Exports, switches: ProcessSwitches, module: string, ...names: string[]): void {
  for (const name of names) {
    const { [`get${name}`]: read, [`set${name}`]: write } = owner as Record<string, AnyFunction | undefined>;
    if (read === undefined || write === undefined) continue;
    switches.setting(`${module}.set${name}()`, read, write);
  }
}

/** Names of modules that have a watcher. */
export const watchedModules: readonly string[] = Object.keys(watchers);

/** Called with one of Node's modules before user code gets it. */
export function watchSwitches(name: string, exports: object, switches: ProcessSwitches): void {
  watchers[name]?.(exports as Exports, switches);
}
