/**
 * What of the language, of the process and of Node's own modules is watched: whatever a function could change
 * for those that run after it, as far as it is the value of a property.
 */
import { EventEmitter } from "node:events";
import Module from "node:module";
import { Socket } from "node:net";
import { Readable } from "node:stream";

export interface Watched {
  readonly owner: object;
  readonly ownerName: string;
  readonly key: PropertyKey;
  readonly value: unknown;
}

/** Looked into, and their prototypes. */
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

/** Replaced as a whole. Not all that there are: to look at some (`FormData`) makes Node load what takes 80 ms. */
const globals = [
  ...builtins,
  "Twilio",
  "process",
  "fetch",
  "structuredClone",
  "queueMicrotask",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "clearTimeout",
  "clearInterval",
  "clearImmediate",
  "parseInt",
  "parseFloat",
  "isNaN",
  "isFinite",
  "encodeURI",
  "encodeURIComponent",
  "decodeURI",
  "decodeURIComponent",
  "AggregateError",
  "Atomics",
  "DataView",
  "FinalizationRegistry",
  "ReferenceError",
  "SharedArrayBuffer",
  "SyntaxError",
  "WeakRef",
];

/** They have no name of their own. */
const nameless: readonly (readonly [string, object])[] = [
  ["TypedArray", protoOf(Uint8Array)],
  ["TypedArray.prototype", protoOf(Uint8Array.prototype)],
  ["(array iterator)", protoOf([][Symbol.iterator]())],
  ["(map iterator)", protoOf(new Map()[Symbol.iterator]())],
  ["(set iterator)", protoOf(new Set()[Symbol.iterator]())],
  ["(string iterator)", protoOf(""[Symbol.iterator]())],
  ["(generator)", protoOf(protoOf((function* () {})()))],
  ["(async generator)", protoOf(protoOf((async function* () {})()))],
];

/** What our own way in relies on. */
const ofNode: readonly (readonly [string, object])[] = [
  ["process", process],
  ["EventEmitter.prototype", EventEmitter.prototype],
  ["Readable.prototype", Readable.prototype],
  ["Socket.prototype", Socket.prototype],
  ["Module", Module],
];

/** Node's modules are one for all functions. Those that nobody has loaded cannot have been changed. */
const modules = [
  "buffer",
  "child_process",
  "crypto",
  "dns",
  "fs",
  "http",
  "https",
  "net",
  "os",
  "path",
  "querystring",
  "stream",
  "timers",
  "tls",
  "url",
  "util",
  "zlib",
];

/**
 * Nobody has them, and every object would: the language asks each for these. What is made by assignment is
 * found without a list, see `hasAdditions`.
 */
const absent: readonly (readonly [string, object, readonly PropertyKey[]])[] = [
  ["Object.prototype", Object.prototype, ["then", "toJSON", "get", "set", "value", "kind", "0"]],
  ["Array.prototype", Array.prototype, ["then", "toJSON", "0"]],
  ["Error", Error, ["prepareStackTrace"]],
];

/** Getters are watched by what they say of an example: to ask for the getter itself takes too long. */
const examples: readonly (readonly [string, object, string])[] = [
  ["Set.prototype", new Set([1]), "size"],
  ["Map.prototype", new Map([[1, 1]]), "size"],
  ["TypedArray.prototype", new Uint8Array(1), "length"],
  ["RegExp.prototype", /x/g, "flags"],
];

/** Frozen, they would refuse what those after it may do. */
export const extensible: readonly (readonly [string, object])[] = [
  ["globalThis", globalThis],
  ["process", process],
  ["console", console],
  ["Object.prototype", Object.prototype],
  ["Array.prototype", Array.prototype],
  ["Function.prototype", Function.prototype],
  ["Promise.prototype", Promise.prototype],
  ["Error", Error],
];

export function listWatched(): Watched[] {
  const watched: Watched[] = [];
  const seen = new Set<object>();
  const watch = (owner: object, ownerName: string): void => {
    if (seen.has(owner)) return;
    seen.add(owner);
    for (const key of Reflect.ownKeys(owner)) {
      // Node's own book-keeping, such as the number of listeners.
      if (owner === process && String(key).startsWith("_")) continue;
      const descriptor = Reflect.getOwnPropertyDescriptor(owner, key);
      // What cannot be written need not be watched (`Number.NaN`, which is not even equal to itself).
      if (descriptor?.writable === true) watched.push({ owner, ownerName, key, value: descriptor.value });
    }
  };
  watch(Function.prototype, "Function.prototype");
  for (const name of builtins) {
    const builtin = (globalThis as unknown as Record<string, object>)[name];
    if (builtin === undefined) continue;
    watch(builtin, name);
    const { prototype } = builtin as { prototype?: unknown };
    if (typeof prototype === "object" && prototype !== null) watch(prototype, `${name}.prototype`);
  }
  for (const [name, owner] of [...nameless, ...ofNode]) watch(owner, name);
  const loaded = new Set(moduleLoadList());
  for (const name of modules) {
    if (loaded.has(`NativeModule ${name}`)) watch(process.getBuiltinModule(`node:${name}`) as object, name);
  }
  const watchOne = (ownerName: string, owner: object, key: PropertyKey): void =>
    void watched.push({ owner, ownerName, key, value: (owner as Record<PropertyKey, unknown>)[key] });
  for (const name of globals) if (Object.hasOwn(globalThis, name)) watchOne("globalThis", globalThis, name);
  for (const [name, owner, keys] of absent) for (const key of keys) watchOne(name, owner, key);
  for (const [name, owner, key] of examples) watchOne(name, owner, key);
  // What it inherits can be hidden by properties of its own.
  for (const key of Object.keys(EventEmitter.prototype)) {
    if (!key.startsWith("_")) watchOne("process", process, key);
  }
  return watched;
}

/** How many modules there are, the author's and Node's: more of them may have brought something along. */
export function countBuiltins(): number {
  return moduleLoadList().length;
}

function moduleLoadList(): readonly string[] {
  return (process as unknown as { moduleLoadList: readonly string[] }).moduleLoadList;
}

function protoOf(value: object): object {
  return Object.getPrototypeOf(value) as object;
}
