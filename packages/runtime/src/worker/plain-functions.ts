/**
 * Functions that have only the properties of every function. They are more than half of all objects. Only their names
 * and lengths are read at the start, because everything else about them is known.
 *
 * `compare` uses nothing that user code can replace.
 */
import { functionPrototype, hasOnlyConstructor, unread, type Entry } from "./realm-change.ts";

const { ownKeys, getPrototypeOf, isExtensible } = Reflect;

type AnyFunction = (...args: never[]) => unknown;

const keys: readonly PropertyKey[] = ["length", "name"];
const keysWithPrototype: readonly PropertyKey[] = ["length", "name", "prototype"];
/** `length` and `name` can be redefined, and nothing else. */
const attributes = 2 * 2 ** 32;

export class PlainFunctions {
  readonly #functions: AnyFunction[] = [];
  readonly #names: string[] = [];
  readonly #lengths: number[] = [];

  /** @param ownNames the object's own keys. @returns false if the object is not a plain function. */
  add(object: object, ownNames: readonly PropertyKey[]): boolean {
    if (typeof object !== "function" || ownNames[1] !== "name" || getPrototypeOf(object) !== functionPrototype)
      return false;
    const isPlain =
      ownNames.length === 2 || (ownNames.length === 3 && ownNames[2] === "prototype" && hasOnlyConstructor(object));
    if (!isPlain || !isExtensible(object)) return false;
    const added = object as AnyFunction;
    this.#functions.push(added);
    this.#names.push(added.name);
    // A negative number means that the function has no prototype.
    this.#lengths.push(ownNames.length === 2 ? -1 - added.length : added.length);
    return true;
  }

  /** Removes a function that is no longer plain. */
  remove(object: object): void {
    const at = this.#functions.indexOf(object as AnyFunction);
    if (at === -1) return;
    for (const list of [this.#functions, this.#names, this.#lengths]) list.splice(at, 1);
  }

  /** @param onChanged called with the expected entry of each function that has changed. */
  compare(onChanged: (was: Entry) => void): void {
    for (let i = 0; i < this.#functions.length; i++) {
      const object = this.#functions[i] as AnyFunction;
      const length = this.#lengths[i] as number;
      const isSame =
        object.name === this.#names[i] &&
        object.length === (length < 0 ? -1 - length : length) &&
        ownKeys(object).length === (length < 0 ? 2 : 3) &&
        getPrototypeOf(object) === functionPrototype &&
        isExtensible(object) &&
        (length < 0 || hasOnlyConstructor(object));
      if (!isSame) onChanged(this.#entryOf(i));
    }
  }

  #entryOf(index: number): Entry {
    const length = this.#lengths[index] as number;
    const name = this.#names[index] as string;
    return {
      object: this.#functions[index] as AnyFunction,
      name: undefined,
      parent: undefined,
      via: name,
      keys: length < 0 ? keys : keysWithPrototype,
      values: length < 0 ? [-1 - length, name] : [length, name, unread],
      prototype: functionPrototype,
      isExtensible: true,
      attributes,
      size: -1,
    };
  }
}
