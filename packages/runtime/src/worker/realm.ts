/**
 * Whether the language itself is as it was: globals, built-in objects and their prototypes, listeners on
 * the process. An invocation that changed one of them leaves an isolate that cannot be trusted.
 *
 * This runs after each invocation and compares some 600 properties, so it is code that is made for it:
 * `a.map === v1 && a.push === v2 && …`. Each comparison is a place of its own for the compiler, and all of
 * them together take 1 to 3 µs; a loop over a list of properties takes 40. To make that code takes 3 ms, so the
 * first few times it is the loop.
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

const watchedGlobals = ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "fetch", "structuredClone"];

const loadedModules = createRequire(import.meta.url).cache;

export class RealmWatch {
  #watched: Watched[] = [];
  #isUnchanged: () => boolean = () => true;
  #asked = 0;
  #globalNames = new Set<string>();
  #listenerCounts: number[] = [];
  #moduleCount = 0;

  constructor() {
    this.#remember();
  }

  /** What is there now is how it should be. */
  keep(): void {
    if (this.#isAsBefore()) this.#moduleCount = countModules();
    else this.#remember();
  }

  #remember(): void {
    this.#watched = listWatched();
    this.#isUnchanged = () => areAsTheyWere(this.#watched);
    this.#asked = 0;
    this.#globalNames = new Set(Object.keys(globalThis));
    this.#listenerCounts = countListeners();
    this.#moduleCount = countModules();
  }

  /**
   * What has changed, for people: `JSON.stringify was replaced`. Empty when nothing has.
   *
   * A package that was loaded for the first time may extend the realm, as module scope may: that is kept.
   * Globals that the handler made, mostly by forgetting a `const`, are taken away again.
   */
  find(): string[] {
    if (this.#isAsBefore()) return [];
    if (countModules() !== this.#moduleCount) {
      this.#remember();
      return [];
    }
    for (const name of Object.keys(globalThis)) {
      if (!this.#globalNames.has(name)) Reflect.deleteProperty(globalThis, name);
    }
    return this.#isAsBefore() ? [] : this.#changes();
  }

  #isAsBefore(): boolean {
    const isAsBefore =
      this.#isUnchanged() &&
      !hasAdditions() &&
      countGlobals() === this.#globalNames.size &&
      this.#changedListener() === undefined;
    // Made with the language as it should be, or it could not be relied on.
    if (isAsBefore && ++this.#asked === compileAfter) this.#isUnchanged = compileComparison(this.#watched);
    return isAsBefore;
  }

  #changedListener(): string | undefined {
    for (let i = 0; i < watchedEvents.length; i++) {
      const event = watchedEvents[i] as string;
      if (process.listenerCount(event) !== this.#listenerCounts[i]) return event;
    }
    return undefined;
  }

  #changes(): string[] {
    const changes: string[] = [];
    for (const { owner, ownerName, key, value } of this.#watched) {
      if (!isAsItWas({ owner, key, value })) changes.push(`${ownerName}.${String(key)} was replaced`);
    }
    for (const [name, sample] of samples) {
      for (const key in sample) changes.push(`${name}.prototype.${key} was added`);
    }
    const globals = new Set(Object.keys(globalThis));
    for (const name of new Set([...globals, ...this.#globalNames])) {
      if (!globals.has(name)) changes.push(`global ${name} was removed`);
      else if (!this.#globalNames.has(name)) changes.push(`global ${name} was added`);
    }
    const event = this.#changedListener();
    if (event !== undefined) changes.push(`a listener for "${event}" on the process`);
    return changes;
  }
}

function listWatched(): Watched[] {
  const globals = globalThis as unknown as Record<string, object>;
  const watched: Watched[] = [];
  const seen = new Set<object>();
  const watch = (owner: object, ownerName: string): void => {
    if (seen.has(owner)) return;
    seen.add(owner);
    for (const key of Reflect.ownKeys(owner)) {
      const descriptor = Reflect.getOwnPropertyDescriptor(owner, key);
      // What cannot be written need not be watched (`Number.NaN`, which is not even equal to itself).
      if (descriptor?.writable === true) watched.push({ owner, ownerName, key, value: descriptor.value });
    }
  };
  for (const name of [...builtins, ...watchedGlobals]) {
    const builtin = globals[name];
    if (builtin !== undefined) watched.push({ owner: globalThis, ownerName: "globalThis", key: name, value: builtin });
  }
  watch(Function.prototype, "Function.prototype");
  for (const name of builtins) {
    const builtin = globals[name];
    // Looking into `Twilio` would load the package.
    if (builtin === undefined || name === "Twilio") continue;
    watch(builtin, name);
    const { prototype } = builtin as { prototype?: unknown };
    if (typeof prototype === "object" && prototype !== null) watch(prototype, `${name}.prototype`);
  }
  return watched;
}

/** An index, because user code may have replaced what `every` and `for of` call. */
function areAsTheyWere(watched: readonly Watched[]): boolean {
  for (let i = 0; i < watched.length; i++) if (!isAsItWas(watched[i] as Watched)) return false;
  return true;
}

function isAsItWas({ owner, key, value }: Pick<Watched, "owner" | "key" | "value">): boolean {
  return (owner as Record<PropertyKey, unknown>)[key] === value;
}

/** An isolate that has served so often is likely to serve more. */
const compileAfter = 5;
/** The compiler gives up on a function that is too long. */
const comparisonsEach = 150;

function compileComparison(watched: readonly Watched[]): () => boolean {
  const parts: (() => boolean)[] = [];
  for (let from = 0; from < watched.length; from += comparisonsEach) {
    parts.push(compilePart(watched.slice(from, from + comparisonsEach)));
  }
  return () => {
    for (const part of parts) if (!part()) return false;
    return true;
  };
}

function compilePart(watched: readonly Watched[]): () => boolean {
  const owners = [...new Set(watched.map(({ owner }) => owner))];
  const values = watched.map(({ value }) => value);
  const keys = watched.map(({ key }) => key);
  const comparisons = watched.map(({ owner, key }, i) => {
    const property = typeof key === "string" ? JSON.stringify(key) : `k${i}`;
    return `o${owners.indexOf(owner)}[${property}] === v${i}`;
  });
  const source = `
    const [${owners.map((_, i) => `o${i}`).join()}] = owners;
    const [${values.map((_, i) => `v${i}`).join()}] = values;
    const [${keys.map((_, i) => `k${i}`).join()}] = keys;
    return () => ${comparisons.join(" && ")};`;
  // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- see the head of this file; nothing in the source comes from outside
  const make = new Function("owners", "values", "keys", source) as (...lists: unknown[][]) => () => boolean;
  return make(owners, values, keys);
}

/** What was added to a prototype shows in a loop over an object that has it. */
const samples: readonly (readonly [string, object])[] = [
  ["Object", {}],
  ["Array", []],
  ["Function", () => {}],
  // The prototype itself: an object that has it takes ten times as long, because strings have their letters as properties.
  ["String", String.prototype],
  // oxlint-disable-next-line no-new-wrappers -- a loop needs an object
  ["Number", new Number(0)],
  ["Date", new Date(0)],
  ["RegExp", /x/],
  ["Promise", Promise.resolve()],
  ["Map", new Map()],
  ["Set", new Set()],
  ["Error", new Error("sample")],
];

/** Assignment makes enumerable properties, and a loop sees those without listing all the others. */
function hasAdditions(): boolean {
  for (const [, sample] of samples) for (const key in sample) return key !== undefined;
  return false;
}

function countGlobals(): number {
  let count = 0;
  for (const key in globalThis) if (key !== "") count++;
  return count;
}

function countListeners(): number[] {
  return watchedEvents.map((event) => process.listenerCount(event));
}

function countModules(): number {
  return Object.keys(loadedModules).length;
}
