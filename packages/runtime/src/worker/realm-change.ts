/**
 * A change in the realm since its snapshot: how to put it back, and how to describe it.
 */

const { types } = process.getBuiltinModule("node:util");

const { apply, defineProperty, deleteProperty, getPrototypeOf, setPrototypeOf, has } = Reflect;
const { ownKeys, getOwnPropertyDescriptor, isExtensible } = Reflect;
const { isProxy } = types;
const text = String;
const objectPrototype = Object.prototype;
export const functionPrototype = Function.prototype;

/** Placeholder for the value of a property that is not read. */
export const unread = Symbol("unread");

export class Accessor {
  readonly #get: (() => unknown) | undefined;
  readonly #set: ((value: unknown) => void) | undefined;
  /** The value that the getter returned, if the pair is a setting. `unread` if it is not. */
  readonly #state: unknown;

  constructor({ get, set }: PropertyDescriptor, state: unknown) {
    this.#get = get;
    this.#set = set;
    this.#state = state;
  }

  static of(value: unknown): Accessor | undefined {
    return typeof value === "object" && value !== null && #get in value ? value : undefined;
  }

  get get(): (() => unknown) | undefined {
    return this.#get;
  }

  get state(): unknown {
    return this.#state;
  }

  isIn({ get, set }: PropertyDescriptor): boolean {
    return get === this.#get && set === this.#set;
  }

  hasState(object: object): boolean {
    return this.#state === unread || is(apply(this.#get as () => unknown, object, none), this.#state);
  }

  setState(object: object): boolean {
    apply(this.#set as () => void, object, [this.#state]);
    return this.hasState(object);
  }

  get descriptor(): PropertyDescriptor {
    return { __proto__: null, get: this.#get, set: this.#set, configurable: true } as PropertyDescriptor;
  }
}

export const none: readonly never[] = [];

export function is(a: unknown, b: unknown): boolean {
  return a === b || (a !== a && b !== b);
}

/**
 * Whether the `prototype` of a function is the one that V8 creates on first read: an object with only `constructor`.
 */
export function hasOnlyConstructor(object: object): boolean {
  const { prototype } = object as { readonly prototype: unknown };
  if (typeof prototype !== "object" || prototype === null || isProxy(prototype)) return false;
  if (getPrototypeOf(prototype) !== objectPrototype || !isExtensible(prototype)) return false;
  if (ownKeys(prototype).length !== 1) return false;
  const constructor = getOwnPropertyDescriptor(prototype, "constructor");
  return constructor?.value === object && constructor.writable === true && constructor.enumerable === false;
}

/** An object and its properties at the time of the snapshot. */
export interface Entry {
  readonly object: object;
  /** Set for roots. */
  readonly name: string | undefined;
  readonly parent: Entry | undefined;
  /** The parent's key for this object. */
  readonly via: PropertyKey;
  keys: readonly PropertyKey[];
  values: readonly unknown[];
  prototype: object | null;
  isExtensible: boolean;
  /** Sums up which properties are writable, enumerable and configurable. */
  attributes: number;
  /** Size of a map or a set. -1 for other objects. */
  size: number;
}

export interface Change {
  /** `set`: the state behind a pair of accessors has changed. */
  readonly kind: "added" | "replaced" | "removed" | "set" | "frozen" | "redefined";
  readonly object: object;
  /** Undefined if the object as a whole has changed. */
  readonly key: PropertyKey | undefined;
  /** The current value. */
  readonly value: unknown;
  readonly entry: Entry;
}

/**
 * A list without a prototype. An index always means an own element, even if user code has changed `Array.prototype`.
 */
export interface Changes {
  length: number;
  [index: number]: Change;
}

/** @returns whether the object is as it was. Uses nothing that user code can replace. */
export function revertChange({ kind, object, key, entry }: Change): boolean {
  if (key === undefined) return false;
  if (kind === "redefined") return setPrototypeOf(object, entry.prototype);
  if (kind === "added") return deleteProperty(object, key);
  const value = valueIn(entry, key);
  if (value === unread) return false;
  const accessor = Accessor.of(value);
  if (kind === "set") return accessor?.setState(object) === true;
  if (accessor !== undefined) return defineProperty(object, key, accessor.descriptor);
  const data: PropertyDescriptor = { value, writable: true, configurable: true };
  // Without a prototype, because `defineProperty` also reads inherited fields of a descriptor.
  setPrototypeOf(data, null);
  return defineProperty(object, key, data);
}

function valueIn({ keys, values }: Entry, key: PropertyKey): unknown {
  for (let i = 0; i < keys.length; i++) if (keys[i] === key) return values[i];
  return unread;
}

/** Whether the change affects only its invocation once it is put back: a new global, or a setting. */
export function isOwnOfInvocation({ kind, object, value }: Change): boolean {
  if (kind === "set") return typeof value !== "function";
  return object === globalThis && kind === "added";
}

/** `JSON.stringify was replaced`. */
export function describeChange({ kind, object, key, entry }: Change): string {
  if (object === globalThis && (kind === "added" || kind === "removed")) return `global ${text(key)} was ${kind}`;
  const name = nameOf(entry);
  if (key === undefined) return `${name} was ${kind}`;
  const hidesAnother = kind === "added" && (hides(object, key) || isAskedFor(object, key));
  return `${name}.${text(key)} was ${hidesAnother ? "replaced" : kind === "set" ? "changed" : kind}`;
}

function hides(object: object, key: PropertyKey): boolean {
  const prototype = getPrototypeOf(object);
  return prototype !== null && has(prototype, key);
}

/** Keys that normally do not exist, but that the language looks up. Adding one replaces default behaviour. */
function isAskedFor(object: object, key: PropertyKey): boolean {
  if (object === Error) return key === "prepareStackTrace";
  return object === Object.prototype && (key === "get" || key === "set" || key === "value" || key === "kind");
}

/** `http.Agent.prototype`. */
function nameOf(entry: Entry): string {
  const { name, parent, via } = entry;
  if (name !== undefined) return name;
  if (parent === undefined) return text(via);
  if (via !== "__proto__") return `${nameOf(parent)}.${text(via)}`;
  const maker = valueIn(entry, "constructor");
  return typeof maker === "function" && maker.name !== ""
    ? `${maker.name}.prototype`
    : `(prototype of ${nameOf(parent)})`;
}

export function isSameChange(a: Change, b: Change): boolean {
  return a.object === b.object && a.key === b.key && a.kind === b.kind && is(a.value, b.value);
}
