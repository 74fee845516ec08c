/**
 * A snapshot of the realm: the own properties of every object that can be reached from its roots. A comparison finds
 * the changes since then.
 *
 * User code may have changed the realm by then. So `compare`, and the functions that it calls, use nothing that user
 * code can replace: no method of an array or a map, no `for (… of …)`.
 */
import { PlainFunctions } from "./plain-functions.ts";
import {
  Accessor,
  hasOnlyConstructor,
  is,
  none,
  unread,
  type Change,
  type Changes,
  type Entry,
} from "./realm-change.ts";

const { types } = process.getBuiltinModule("node:util");

const { ownKeys, getOwnPropertyDescriptor, getPrototypeOf, isExtensible } = Reflect;
const { apply } = Reflect;
const { isProxy } = types;
const { hasOwn, isFrozen } = Object;
const isView = ArrayBuffer.isView.bind(ArrayBuffer);
const mapPrototype = Map.prototype;
const setPrototype = Set.prototype;
const mapSize = getOwnPropertyDescriptor(Map.prototype, "size")?.get as () => number;
const setSize = getOwnPropertyDescriptor(Set.prototype, "size")?.get as () => number;

export interface SnapshotRules {
  /** Returns the special rules of an object. Undefined for almost all objects. */
  rulesFor(object: object): ObjectRules | undefined;
  /** False for a pair of accessors that is not a setting, or that cannot be read. */
  isSetting(object: object, key: PropertyKey): boolean;
}

export interface ObjectRules {
  /** False if reading the property would load a part of Node, or if its value changes in ordinary use. */
  isReadable(key: PropertyKey): boolean;
  /** False for a value that belongs to user code. @param index the position of the key in the object. */
  isPlatform(key: PropertyKey, index: number): boolean;
}

export class RealmSnapshot {
  readonly #rules: SnapshotRules;
  readonly #entries: Entry[] = [];
  readonly #functions = new PlainFunctions();
  readonly #seen = new Set<object>();

  constructor(rules: SnapshotRules) {
    this.#rules = rules;
  }

  /** Adds an object and everything that can be reached from it. Runs only while the realm is undamaged. */
  add(root: object, name: string): void {
    if (this.#seen.has(root) || isProxy(root)) return;
    this.#seen.add(root);
    this.#addAll(this.#take(root, name, undefined, ""));
  }

  #addAll(first: Entry | undefined): void {
    const pending = [first];
    while (pending.length > 0) {
      const entry = pending.pop();
      if (entry === undefined) continue;
      if (entry.prototype !== null) pending.push(this.#reach(entry, "__proto__", entry.prototype));
      const rules = this.#rules.rulesFor(entry.object);
      for (let i = 0; i < entry.values.length; i++) {
        const value = entry.values[i];
        if (value === unread) continue;
        const key = entry.keys[i] as PropertyKey;
        if (rules?.isPlatform(key, i) !== false)
          pending.push(this.#reach(entry, key, Accessor.of(value)?.state ?? value));
      }
    }
  }

  #reach(entry: Entry, key: PropertyKey, value: unknown): Entry | undefined {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
    if (this.#seen.has(value) || Accessor.of(value) !== undefined) return undefined;
    if (isProxy(value)) return undefined;
    this.#seen.add(value);
    return this.#take(value, undefined, entry, key);
  }

  /** @returns the entry, if its properties may lead to other objects. */
  #take(object: object, name: string | undefined, parent: Entry | undefined, via: PropertyKey): Entry | undefined {
    const prototype = getPrototypeOf(object);
    const keys = ownKeys(object);
    const isFunction = typeof object === "function";
    if (name === undefined && this.#functions.add(object, keys)) return undefined;
    if (!isFunction && isView(object)) return undefined;
    const rules = this.#rules.rulesFor(object);
    const values: unknown[] = [];
    let attributes = 0;
    let isData = true;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as PropertyKey;
      if ((isFunction && !isOfInterest(key)) || rules?.isReadable(key) === false) {
        values.push(unread);
        continue;
      }
      const descriptor = getOwnPropertyDescriptor(object, key) as PropertyDescriptor;
      if (descriptor.get === undefined && descriptor.set === undefined) {
        values.push(descriptor.value);
        attributes += attributesOf(descriptor);
      } else {
        isData = false;
        values.push(this.#valueOf(object, key, descriptor));
        // Reading the property may have changed it.
        attributes += attributesOf(getOwnPropertyDescriptor(object, key) as PropertyDescriptor);
      }
    }
    const size = sizeOf(object, prototype);
    const entry: Entry = {
      object,
      name,
      parent,
      via,
      keys,
      values,
      prototype,
      isExtensible: isExtensible(object),
      attributes,
      size,
    };
    // Frozen objects need no comparison. `process.config` is one, and it is large.
    if (!isData || size !== -1 || !isFrozen(object)) this.#entries.push(entry);
    return entry;
  }

  #read(object: object, key: PropertyKey): unknown {
    return this.#isReadable(object, key)
      ? this.#valueOf(object, key, getOwnPropertyDescriptor(object, key) as PropertyDescriptor)
      : unread;
  }

  #valueOf(object: object, key: PropertyKey, descriptor: PropertyDescriptor): unknown {
    if (hasOwn(descriptor, "value")) return descriptor.value;
    if (!this.#rules.isSetting(object, key)) return new Accessor(descriptor, unread);
    const state = this.#stateOf(object, descriptor);
    // Some getters replace themselves with the value that they return.
    const after = getOwnPropertyDescriptor(object, key) as PropertyDescriptor;
    return hasOwn(after, "value") ? after.value : new Accessor(after, state);
  }

  #isReadable(object: object, key: PropertyKey): boolean {
    if (typeof object === "function" && !isOfInterest(key)) return false;
    return this.#rules.rulesFor(object)?.isReadable(key) !== false;
  }

  /** Reads the state of a pair of accessors. Such a pair is a setting, except on a prototype. */
  #stateOf(object: object, { get, set }: PropertyDescriptor): unknown {
    if (get === undefined || set === undefined || hasOwn(object, "constructor")) return unread;
    try {
      return apply(get, object, none) as unknown;
    } catch {
      return unread;
    }
  }

  /** Reads properties that could not be read before, such as those of modules that Node has loaded since. */
  readMore(object: object): void {
    const entry = this.#entries.find((each) => each.object === object);
    if (entry === undefined) return;
    const { keys, values } = entry;
    entry.values = values.map((value, i) => {
      const key = keys[i] as PropertyKey;
      return value === unread && hasOwn(object, key) ? this.#read(object, key) : value;
    });
    entry.attributes = sumOfAttributes(entry);
    this.#addAll(entry);
  }

  /** Undefined if nothing has changed. */
  compareOne(object: object): Changes | undefined {
    const entry = this.#entries.find((each) => each.object === object);
    return entry === undefined || isUnchanged(entry) ? undefined : collect(entry, undefined);
  }

  /** Returns the entries of these objects. */
  entriesOf(objects: ReadonlySet<object>): Entry[] {
    return this.#entries.filter(({ object }) => objects.has(object));
  }

  /** Undefined if nothing has changed. */
  compare(): Changes | undefined {
    let changes: Changes | undefined;
    for (let i = 0; i < this.#entries.length; i++) {
      const entry = this.#entries[i] as Entry;
      if (!isUnchanged(entry)) changes = collect(entry, changes);
    }
    this.#functions.compare((was) => (changes = collect(was, changes)));
    return changes;
  }

  /** Accepts changes as the expected state from now on. Not called while the realm may be damaged. */
  adopt(changes: Changes, isToAdopt: (change: Change) => boolean): void {
    for (let i = 0; i < changes.length; i++) {
      const change = changes[i] as Change;
      if (!isToAdopt(change)) continue;
      const { entry } = change;
      if (!this.#entries.includes(entry)) {
        this.#functions.remove(entry.object);
        this.#entries.push(entry);
      }
      this.#adoptProperty(change);
      entry.isExtensible = isExtensible(entry.object);
      entry.prototype = getPrototypeOf(entry.object);
      entry.size = sizeOf(entry.object, entry.prototype);
      entry.attributes = sumOfAttributes(entry);
    }
  }

  #adoptProperty({ kind, object, key, entry }: Change): void {
    if (key === undefined) return;
    const at = entry.keys.indexOf(key);
    if (kind === "removed") {
      entry.keys = entry.keys.toSpliced(at, 1);
      entry.values = entry.values.toSpliced(at, 1);
    } else if (at === -1) {
      entry.keys = [...entry.keys, key];
      entry.values = [...entry.values, this.#read(object, key)];
    } else entry.values = entry.values.with(at, this.#read(object, key));
  }
}

function isUnchanged(entry: Entry): boolean {
  const { object, keys, values } = entry;
  const now = ownKeys(object);
  if (now.length !== keys.length) return false;
  if (getPrototypeOf(object) !== entry.prototype || isExtensible(object) !== entry.isExtensible) return false;
  let attributes = 0;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as PropertyKey;
    if (now[i] !== key) return false;
    const value = values[i];
    if (value === unread) continue;
    const descriptor = getOwnPropertyDescriptor(object, key) as PropertyDescriptor;
    attributes += attributesOf(descriptor);
    if (is(descriptor.value, value)) continue;
    const accessor = Accessor.of(value);
    if (accessor === undefined || !accessor.isIn(descriptor) || !accessor.hasState(object)) return false;
  }
  return attributes === entry.attributes && (entry.size === -1 || sizeOf(object, entry.prototype) === entry.size);
}

type Add = (kind: Change["kind"], key?: PropertyKey, value?: unknown) => void;

/** Adds the changes of one object. */
function collect(entry: Entry, previous: Changes | undefined): Changes | undefined {
  const { object, keys, values } = entry;
  const changes = previous ?? ({ __proto__: null, length: 0 } as unknown as Changes);
  const before = changes.length;
  const add: Add = (kind, key, value) => {
    changes[changes.length++] = { kind, object, key, value, entry };
  };
  const now = ownKeys(object);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as PropertyKey;
    if (includes(now, key)) collectProperty(object, key, values[i], add);
    else add("removed", key);
  }
  for (let i = 0; i < now.length; i++) {
    const key = now[i] as PropertyKey;
    if (!includes(keys, key)) add("added", key, (getOwnPropertyDescriptor(object, key) as PropertyDescriptor).value);
  }
  if (isExtensible(object) !== entry.isExtensible) add("frozen");
  else if (getPrototypeOf(object) !== entry.prototype) add("redefined", "__proto__", getPrototypeOf(object));
  else if (changes.length === before) {
    if (sizeOf(object, entry.prototype) !== entry.size || sumOfAttributes(entry) !== entry.attributes) add("redefined");
    // Only the order of the keys differs, because a property was put back.
    else sortLike(entry, now);
  }
  return changes.length === 0 ? undefined : changes;
}

/** @param value the property's value in the snapshot. */
function collectProperty(object: object, key: PropertyKey, value: unknown, add: Add): void {
  if (value === unread) {
    const isPrototype = key === "prototype" && typeof object === "function";
    if (isPrototype && !hasOnlyConstructor(object)) add("replaced", key, object.prototype);
    return;
  }
  const descriptor = getOwnPropertyDescriptor(object, key) as PropertyDescriptor;
  const accessor = Accessor.of(value);
  if (accessor !== undefined && accessor.isIn(descriptor)) {
    if (!accessor.hasState(object)) add("set", key, apply(accessor.get as () => unknown, object, none));
  } else if (!hasOwn(descriptor, "value")) add("replaced", key, descriptor.get);
  else if (!is(descriptor.value, value)) add("replaced", key, descriptor.value);
}

function sortLike(entry: Entry, now: readonly PropertyKey[]): void {
  const { keys, values } = entry;
  const sorted: unknown[] = [];
  for (let i = 0; i < now.length; i++) {
    for (let j = 0; j < keys.length; j++) if (keys[j] === now[i]) sorted[i] = values[j];
  }
  entry.values = sorted;
  entry.keys = now;
}

function includes(keys: readonly PropertyKey[], key: PropertyKey): boolean {
  for (let i = 0; i < keys.length; i++) if (keys[i] === key) return true;
  return false;
}

function attributesOf({ writable, enumerable, configurable }: PropertyDescriptor): number {
  return (writable === true ? 1 : 0) + (enumerable === true ? 2 ** 16 : 0) + (configurable === true ? 2 ** 32 : 0);
}

function sumOfAttributes({ object, keys, values }: Entry): number {
  let sum = 0;
  for (let i = 0; i < keys.length; i++) {
    if (values[i] === unread) continue;
    const descriptor = getOwnPropertyDescriptor(object, keys[i] as PropertyKey);
    if (descriptor !== undefined) sum += attributesOf(descriptor);
  }
  return sum;
}

function sizeOf(object: object, prototype: object | null): number {
  if (prototype === mapPrototype) return apply(mapSize, object, none) as number;
  return prototype === setPrototype ? (apply(setSize, object, none) as number) : -1;
}

/** False for the properties of functions that the language forbids to read. */
function isOfInterest(key: PropertyKey): boolean {
  return key !== "arguments" && key !== "caller";
}
