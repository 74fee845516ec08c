/**
 * Detects properties that were added to the globals and to built-in prototypes. Assignment creates enumerable
 * properties. A `for…in` loop finds those in a microsecond, without listing all others.
 */

const { ownKeys, deleteProperty, isExtensible, getOwnPropertyDescriptor } = Reflect;
const text = String;

/** A property that was added to a prototype appears in a loop over an object with that prototype. */
const samples: readonly object[] = [
  {},
  [],
  () => {},
  // The prototype itself. A loop over a string object takes ten times as long, because its letters are properties.
  String.prototype,
  // oxlint-disable-next-line no-new-wrappers -- a loop needs an object
  new Number(0),
  new Date(0),
  /x/,
  Promise.resolve(),
  new Map(),
  new Set(),
  new Error("sample"),
];

/** If an invocation froze one of these, later invocations could not change it. */
const extensible: readonly object[] = [
  globalThis,
  process,
  console,
  Object.prototype,
  Array.prototype,
  Function.prototype,
  Promise.prototype,
  Error,
];

/** Every object inherits from these, including objects that a comparison creates. */
const inherited: readonly (readonly [name: string, object: object])[] = [
  ["Object.prototype", Object.prototype],
  ["Array.prototype", Array.prototype],
];

export class Additions {
  readonly #count = countAdditions();
  readonly #globals = countGlobals();
  readonly #keys = inherited.map(([, object]) => ownKeys(object));

  isSame(): boolean {
    return countAdditions() === this.#count && countGlobals() === this.#globals && areExtensible();
  }

  /** Removes added properties that every object would inherit. @returns their description, for people. */
  remove(): string {
    let removed = "";
    for (let i = 0; i < inherited.length; i++) {
      // No destructuring, because it uses an iterator.
      const name = inherited[i]?.[0] as string;
      const object = inherited[i]?.[1] as object;
      const knownKeys = this.#keys[i] as readonly PropertyKey[];
      const keys = ownKeys(object);
      for (let j = 0; j < keys.length; j++) {
        const key = keys[j] as PropertyKey;
        if (includes(knownKeys, key)) continue;
        const isEnumerable = getOwnPropertyDescriptor(object, key)?.enumerable === true;
        if (!deleteProperty(object, key)) removed += `, ${name}.${text(key)} cannot be removed`;
        else removed += `, ${name}.${text(key)} was ${isEnumerable ? "added" : "replaced"}`;
      }
    }
    return removed;
  }
}

function includes(keys: readonly PropertyKey[], key: PropertyKey): boolean {
  for (let i = 0; i < keys.length; i++) if (keys[i] === key) return true;
  return false;
}

function countAdditions(): number {
  let count = 0;
  for (let i = 0; i < samples.length; i++) for (const key in samples[i]) if (key !== "") count++;
  return count;
}

function countGlobals(): number {
  let count = 0;
  for (const key in globalThis) if (key !== "") count++;
  return count;
}

function areExtensible(): boolean {
  for (let i = 0; i < extensible.length; i++) if (!isExtensible(extensible[i] as object)) return false;
  return true;
}
