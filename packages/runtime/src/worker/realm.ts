/**
 * Whether the language itself is as it was: globals, built-in objects and their prototypes, Node's modules, listeners
 * on the process. An invocation that changed one of them leaves an isolate that cannot be trusted.
 *
 * What is found changed is put back before anything else is done, since our own code is written in that language too:
 * it has to say what happened. Until then nothing here may rely on anything that can be replaced, not even on
 * `for (… of …)`.
 */
import { createRequire } from "node:module";
import { areAsTheyWere, compileAfter, compileComparison, isAsItWas } from "./realm-comparison.ts";
import { countBuiltins, extensible, listWatched, type Watched } from "./realm-list.ts";

const { keys } = Object;
const { defineProperty, deleteProperty, isExtensible } = Reflect;
const text = String;

const loadedModules = createRequire(import.meta.url).cache;

export class RealmWatch {
  #watched: Watched[] = [];
  #isUnchanged: () => boolean = () => true;
  #asked = 0;
  #globals: Record<string, true> = {};
  #globalCount = 0;
  #moduleCount = 0;
  #builtinCount = 0;
  #additions = 0;
  readonly #listeners = new ListenerWatch();

  constructor() {
    this.#remember();
  }

  /** What is there now is how it should be. */
  keep(): void {
    if (countBuiltins() === this.#builtinCount && this.#isAsBefore()) this.#moduleCount = countModules();
    else this.#remember();
  }

  #remember(): void {
    this.#watched = listWatched();
    this.#isUnchanged = () => areAsTheyWere(this.#watched);
    this.#asked = 0;
    this.#globals = Object.fromEntries(keys(globalThis).map((name) => [name, true]));
    this.#globalCount = keys(globalThis).length;
    this.#listeners.remember();
    this.#moduleCount = countModules();
    this.#builtinCount = countBuiltins();
    this.#additions = countAdditions();
  }

  /**
   * What has changed, for people: `JSON.stringify was replaced`. Empty when nothing has.
   *
   * A package that was loaded for the first time may extend the realm, as module scope may: that is kept.
   * Globals that the handler made, mostly by forgetting a `const`, are taken away again.
   */
  find(): string {
    if (this.#isAsBefore()) return "";
    if (countModules() > this.#moduleCount) {
      this.#remember();
      return "";
    }
    const globals = keys(globalThis);
    for (let i = 0; i < globals.length; i++) {
      const name = globals[i] as string;
      if (this.#globals[name] !== true) deleteProperty(globalThis, name);
    }
    return this.#isAsBefore() ? "" : this.#putBack();
  }

  #isAsBefore(): boolean {
    const isAsBefore =
      this.#isUnchanged() &&
      countAdditions() === this.#additions &&
      countGlobals() === this.#globalCount &&
      areExtensible() &&
      this.#listeners.isAsBefore;
    // Made with the language as it should be, or it could not be relied on.
    if (isAsBefore && ++this.#asked === compileAfter) this.#isUnchanged = compileComparison(this.#watched);
    return isAsBefore;
  }

  /** The language is as it was again, as far as it lets itself be put back; what it was not. */
  #putBack(): string {
    let changes = "";
    for (let i = 0; i < samples.length; i++) {
      const [name, sample, prototype] = samples[i] as (typeof samples)[number];
      for (const key in sample) if (deleteProperty(prototype, key)) changes += `, ${name}.prototype.${key} was added`;
    }
    for (let i = 0; i < this.#watched.length; i++) {
      const watched = this.#watched[i] as Watched;
      if (isAsItWas(watched)) continue;
      putBack(watched);
      changes += `, ${watched.ownerName}.${text(watched.key)} was replaced`;
    }
    // From here on the language can be relied on.
    for (const [name, owner] of extensible) if (!isExtensible(owner)) changes += `, ${name} was frozen`;
    const globals = new Set(keys(globalThis));
    for (const name of new Set([...globals, ...keys(this.#globals)])) {
      if (!globals.has(name)) changes += `, global ${name} was removed`;
      else if (this.#globals[name] !== true) changes += `, global ${name} was added`;
    }
    const event = this.#listeners.changed();
    if (event !== undefined) changes += `, a listener for "${event}" on the process`;
    return changes === "" ? "built-in objects that no longer work" : changes.slice(2);
  }
}

/** No inheritance: what is read of a description of a property is read of its prototype as well. */
function putBack({ owner, key, value }: Watched): void {
  if (value === undefined) deleteProperty(owner, key);
  else defineProperty(owner, key, { __proto__: null, value, writable: true, configurable: true } as PropertyDescriptor);
}

function areExtensible(): boolean {
  for (let i = 0; i < extensible.length; i++) if (!isExtensible(extensible[i]?.[1] as object)) return false;
  return true;
}

/**
 * Listeners on the process, ours and others'. To be told of each that comes or goes costs nothing while none does;
 * whoever removes all of them is told too.
 */
class ListenerWatch {
  #counts: Record<string, number> = {};
  #isTouched = false;

  constructor() {
    const touch = (): void => void (this.#isTouched = true);
    process.on("newListener", touch);
    process.on("removeListener", touch);
  }

  remember(): void {
    this.#counts = countListeners();
    this.#isTouched = false;
  }

  get isAsBefore(): boolean {
    if (!this.#isTouched && !process.hasUncaughtExceptionCaptureCallback()) return true;
    if (this.changed() !== undefined) return false;
    this.#isTouched = false;
    return true;
  }

  /** The event of one that has come or gone. */
  changed(): string | undefined {
    if (process.hasUncaughtExceptionCaptureCallback()) return "uncaughtException";
    const counts = countListeners();
    return [...new Set([...keys(counts), ...keys(this.#counts)])].find((name) => counts[name] !== this.#counts[name]);
  }
}

function countListeners(): Record<string, number> {
  return Object.fromEntries(process.eventNames().map((name) => [text(name), process.listenerCount(name)]));
}

/** What was added to a prototype shows in a loop over an object that has it. */
const samples: readonly (readonly [string, object, object])[] = [
  ["Object", {}, Object.prototype],
  ["Array", [], Array.prototype],
  ["Function", () => {}, Function.prototype],
  // The prototype itself: an object that has it takes ten times as long, because strings have their letters as properties.
  ["String", String.prototype, String.prototype],
  // oxlint-disable-next-line no-new-wrappers -- a loop needs an object
  ["Number", new Number(0), Number.prototype],
  ["Date", new Date(0), Date.prototype],
  ["RegExp", /x/, RegExp.prototype],
  ["Promise", Promise.resolve(), Promise.prototype],
  ["Map", new Map(), Map.prototype],
  ["Set", new Set(), Set.prototype],
  ["Error", new Error("sample"), Error.prototype],
];

/** Assignment makes enumerable properties, and a loop sees those without listing all the others. */
function countAdditions(): number {
  let count = 0;
  for (let i = 0; i < samples.length; i++) for (const key in samples[i]?.[1]) if (key !== "") count++;
  return count;
}

function countGlobals(): number {
  let count = 0;
  for (const key in globalThis) if (key !== "") count++;
  return count;
}

function countModules(): number {
  return keys(loadedModules).length;
}
