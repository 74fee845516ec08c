/**
 * Whether the language itself is as it was: globals, built-in objects and their prototypes, listeners on
 * the process. An invocation that changed one of them leaves an isolate that cannot be trusted.
 *
 * The full comparison takes about 6 µs, after the reply has left.
 */
import { createRequire } from "node:module";

const builtins = [
  "Object",
  "Function",
  "Array",
  "String",
  "Number",
  "Boolean",
  "BigInt",
  "Symbol",
  "Promise",
  "Map",
  "Set",
  "WeakMap",
  "WeakSet",
  "Date",
  "RegExp",
  "Error",
  "TypeError",
  "JSON",
  "Math",
  "Reflect",
  "Proxy",
  "Intl",
  "ArrayBuffer",
  "Uint8Array",
  "Buffer",
  "URL",
  "URLSearchParams",
  "AbortController",
  "console",
  "Twilio",
  "Runtime",
] as const;

const watchedEvents = [
  "uncaughtException",
  "unhandledRejection",
  "rejectionHandled",
  "warning",
  "exit",
  "beforeExit",
  "message",
  "SIGTERM",
  "SIGINT",
  "SIGHUP",
];

interface Watched {
  readonly owner: object;
  readonly ownerName: string;
  readonly key: PropertyKey;
  readonly value: unknown;
}

const loadedModules = createRequire(import.meta.url).cache;

export class RealmWatch {
  #watched: Watched[] = [];
  #globalCount = 0;
  #listenerCount = 0;
  #moduleCount = 0;

  constructor() {
    this.keep();
  }

  /** What is there now is how it should be. */
  keep(): void {
    const globals = globalThis as unknown as Record<string, object>;
    const seen = new Set<object>();
    this.#watched = [];
    const watch = (owner: object, ownerName: string): void => {
      if (seen.has(owner)) return;
      seen.add(owner);
      for (const key of Reflect.ownKeys(owner)) {
        const descriptor = Reflect.getOwnPropertyDescriptor(owner, key);
        // What cannot be written need not be watched (`Number.NaN`, which is not even equal to itself).
        if (descriptor?.writable === true) {
          this.#watched.push({ owner, ownerName, key, value: descriptor.value });
        }
      }
    };
    for (const name of builtins) {
      const builtin = globals[name];
      if (builtin === undefined) continue;
      this.#watched.push({ owner: globalThis, ownerName: "globalThis", key: name, value: builtin });
      // Reading a property of `Twilio` would load the package.
      if (name === "Twilio") continue;
      watch(builtin, name);
      const prototype = (builtin as { prototype?: unknown }).prototype;
      if (typeof prototype === "object" && prototype !== null) watch(prototype, `${name}.prototype`);
      if (name === "Function") watch(Function.prototype, "Function.prototype");
    }
    for (const name of ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "fetch", "structuredClone"]) {
      this.#watched.push({ owner: globalThis, ownerName: "globalThis", key: name, value: globals[name] });
    }
    this.#globalCount = countGlobals();
    this.#listenerCount = countListeners();
    this.#moduleCount = countModules();
  }

  /**
   * What has changed, for people: `JSON.stringify was replaced`. Empty when nothing has.
   *
   * A package that was loaded for the first time may extend the realm, as module scope may: that is kept.
   */
  find(): string[] {
    const changes = this.#changes();
    if (changes.length > 0 && countModules() !== this.#moduleCount) {
      this.keep();
      return [];
    }
    return changes;
  }

  #changes(): string[] {
    const changes: string[] = [];
    for (const watched of this.#watched) {
      const { owner, key } = watched;
      if ((owner as Record<PropertyKey, unknown>)[key] !== watched.value) {
        changes.push(`${watched.ownerName}.${String(key)} was replaced`);
      }
    }
    // Assignment makes enumerable properties, and these loops see them without listing all the others.
    for (const [name, sample] of samples) {
      for (const key in sample) changes.push(`${name}.prototype.${key} was added`);
    }
    const globalCount = countGlobals();
    if (globalCount !== this.#globalCount)
      changes.push(`global ${lastGlobal()} was ${globalCount > this.#globalCount ? "added" : "removed"}`);
    if (countListeners() !== this.#listenerCount) changes.push("the process has other listeners");
    return changes;
  }
}

const samples: readonly (readonly [string, object])[] = [
  ["Object", {}],
  ["Array", []],
  ["Function", () => {}],
];

function countGlobals(): number {
  let count = 0;
  for (const key in globalThis) if (key !== "") count++;
  return count;
}

function lastGlobal(): string {
  return Object.keys(globalThis).at(-1) ?? "";
}

function countListeners(): number {
  let count = 0;
  for (const event of watchedEvents) count += process.listenerCount(event);
  return count;
}

function countModules(): number {
  return Object.keys(loadedModules).length;
}
