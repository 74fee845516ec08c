/**
 * The roots of the realm's snapshot, and the objects that the snapshot leaves out.
 */
import { isLoaded } from "./lazy-properties.ts";
import type { ObjectRules, SnapshotRules } from "./realm-snapshot.ts";

const { AsyncLocalStorage } = process.getBuiltinModule("node:async_hooks");
const { EventEmitter } = process.getBuiltinModule("node:events");
const Module = process.getBuiltinModule("node:module");
const { Socket } = process.getBuiltinModule("node:net");
const { Readable } = process.getBuiltinModule("node:stream");

type NamedObject = readonly [name: string, object: object];

/** Globals that are compared first. They are compared after each invocation, even while others wait. */
const first = [
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
  "RangeError",
  "JSON",
  "Math",
  "Reflect",
  "Proxy",
  "Intl",
  "Iterator",
  "ArrayBuffer",
  "Uint8Array",
  "Buffer",
  "URL",
  "URLSearchParams",
  "AbortController",
  "console",
  "Runtime",
] as const;

/** Objects that no property leads to. */
const nameless: readonly NamedObject[] = [
  ["TypedArray", prototypeOf(Uint8Array)],
  ["TypedArray.prototype", prototypeOf(Uint8Array.prototype)],
  ["(array iterator)", prototypeOf([][Symbol.iterator]())],
  ["(map iterator)", prototypeOf(new Map()[Symbol.iterator]())],
  ["(set iterator)", prototypeOf(new Set()[Symbol.iterator]())],
  ["(string iterator)", prototypeOf(""[Symbol.iterator]())],
  ["(regular expression iterator)", prototypeOf("".matchAll(/x/g))],
  [
    "(iterator helper)",
    prototypeOf((([] as unknown[]).values() as unknown as { map(each: typeof String): object }).map(String)),
  ],
  ["(wrapped iterator)", prototypeOf(iteratorOf({ next: () => ({ done: true, value: undefined }) }))],
  ["(generator)", prototypeOf(prototypeOf((function* () {})()))],
  ["(async generator)", prototypeOf(prototypeOf((async function* () {})()))],
  ["GeneratorFunction", prototypeOf(function* () {}).constructor],
  ["AsyncFunction", prototypeOf(async () => {}).constructor],
  ["AsyncGeneratorFunction", prototypeOf(async function* () {}).constructor],
  ["(parameters iterator)", prototypeOf(new URLSearchParams().entries())],
];

/** Objects of Node that our own code relies on when it receives an invocation. */
const ofNode: readonly NamedObject[] = [
  ["process", process],
  ["AsyncLocalStorage", AsyncLocalStorage],
  ["EventEmitter.prototype", EventEmitter.prototype],
  ["Readable.prototype", Readable.prototype],
  ["Socket.prototype", Socket.prototype],
  ["Module", Module],
];

export function listRoots(): NamedObject[] {
  const roots: NamedObject[] = [["Function.prototype", Function.prototype]];
  for (const name of first) {
    const builtin = (globalThis as unknown as Record<string, object>)[name] as object;
    if (builtin === undefined) continue;
    roots.push([name, builtin]);
    const { prototype } = builtin as { prototype?: unknown };
    if (typeof prototype === "object" && prototype !== null) roots.push([`${name}.prototype`, prototype]);
  }
  return [...roots, ...nameless, ...ofNode, ["globalThis", globalThis]];
}

/** Modules that are compared after every invocation, once user code has loaded them. */
export const hotModules = new Set(
  "buffer child_process crypto dns fs http https net os path querystring stream timers tls url util zlib".split(" "),
);

/** Getters that load the value they return. The value joins the snapshot when user code first reads it. */
export const lazyGetters: Readonly<Record<string, readonly string[]>> = {
  globalThis: ["crypto", "navigator", "localStorage", "sessionStorage"],
  async_hooks: ["AsyncLocalStorage"],
  crypto: ["webcrypto", "subtle"],
  dns: ["promises"],
  events: ["EventEmitterAsyncResource"],
  fs: ["promises", "ReadStream", "WriteStream", "FileReadStream", "FileWriteStream", "Utf8Stream"],
  http: ["WebSocket", "MessageEvent", "CloseEvent"],
  net: ["BlockList", "SocketAddress"],
  process: ["report"],
  readline: ["promises"],
  stream: ["promises"],
  timers: ["promises"],
};

/** @param onRead called with each value before user code gets it. */
export function followGetters(name: string, owner: object, onRead: (value: object, path: string) => void): void {
  for (const key of lazyGetters[name] ?? []) {
    const descriptor = Reflect.getOwnPropertyDescriptor(owner, key);
    const read = descriptor?.get;
    if (descriptor === undefined || read === undefined) continue;
    if (descriptor.configurable !== true) {
      onRead(Reflect.apply(read, owner, []) as object, `${name}.${key}`);
      continue;
    }
    let seen: unknown;
    const get = function (this: unknown): unknown {
      const value: unknown = Reflect.apply(read, this, []);
      const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
      if (isObject && value !== seen) onRead(value, `${name}.${key}`);
      seen = value;
      return value;
    };
    Object.defineProperty(owner, key, { ...descriptor, get });
  }
}

/**
 * Properties of an object that change in ordinary use, or that other code resets or compares.
 */
const unstable: readonly (readonly [owner: object, keys: readonly PropertyKey[]])[] = [
  [process, ["ppid", "_events", "_eventsCount", "exitCode", "_exiting", "allowedNodeEnvironmentFlags"]],
];

const unstableKeys = new Map<object, ReadonlySet<PropertyKey>>(unstable.map(([owner, keys]) => [owner, new Set(keys)]));
/** Properties of `http.Agent` with contents that change with each connection. The objects themselves stay the same. */
const agentKeys = new Set<PropertyKey>(["sockets", "freeSockets", "requests", "_sessionCache"]);
/**
 * Properties that are not followed, because other code compares them, or because they belong to no single invocation.
 */
const unfollowed = new Set<PropertyKey>(["_cache", "_pathCache", "env", "moduleLoadList", "mainModule"]);

/** Objects to which user code may add its own properties. */
const shared: readonly object[] = [globalThis, process, console, Module, Error, Promise, Object, Array];

/** Called before any user code runs. */
export function snapshotRules(): SnapshotRules {
  const rulesByObject = new Map<object, ObjectRules>();
  for (const object of shared) {
    const ownKeyCount = Reflect.ownKeys(object).length;
    const unstableOnes = unstableKeys.get(object);
    rulesByObject.set(object, {
      isReadable: (key) => unstableOnes?.has(key) !== true && (object !== globalThis || isLoaded(key)),
      isPlatform: (key, index) => index < ownKeyCount && !(unfollowed.has(key) && object !== globalThis),
    });
  }
  const agent: ObjectRules = {
    isReadable: (key) => key !== "totalSocketCount",
    isPlatform: (key) => !agentKeys.has(key),
  };
  const util: ObjectRules = { isReadable: isLoaded, isPlatform: () => true };
  return {
    rulesFor: (object) => {
      const rules = rulesByObject.get(object);
      if (rules !== undefined || typeof object === "function") return rules;
      if ("totalSocketCount" in object) return agent;
      return "setTraceSigInt" in object ? util : undefined;
    },
    isSetting: (object, key) => object !== RegExp && !noSettings.has(key),
  };
}

/** Pairs of accessors that load a module, print a warning, or duplicate another setting. */
const noSettings = new Set<PropertyKey>([
  "ReadStream",
  "WriteStream",
  "FileReadStream",
  "FileWriteStream",
  "finalization",
  "_stdout",
  "_stderr",
  // Deprecated; see `crypto.getFips`.
  "fips",
]);

/** TypeScript has no type for `Iterator.from` yet. */
function iteratorOf(source: object): object {
  return (globalThis as unknown as { Iterator: { from(source: object): object } }).Iterator.from(source);
}

function prototypeOf(value: object): object {
  return Object.getPrototypeOf(value) as object;
}
