/**
 * Switches of the process that no property shows: settings behind functions, hooks, subscriptions. Some have a readable
 * state. The functions of the others are wrapped to record each use. A test compares the switches with the exports of
 * the running version of Node.
 */

const { apply } = Reflect;

/** A list that needs no methods, because user code may replace the methods of maps and arrays. */
interface List<T> {
  length: number;
  [index: number]: T;
}

export type AnyFunction = (...args: never[]) => unknown;
export type Exports = Record<string, unknown>;

export interface SwitchContext {
  /** Whether module scope is running. Its changes stay. */
  isKept(): boolean;
}

interface Setting {
  readonly name: string;
  readonly read: () => unknown;
  readonly write: (value: never) => unknown;
  value: unknown;
}

/** A change that can be undone. */
interface Undo {
  readonly name: string;
  run(): void;
}

export class ProcessSwitches {
  readonly #context: SwitchContext;
  readonly #settings = emptyList<Setting>();
  #undos = emptyList<Undo>();
  #lasting = "";

  constructor(context: SwitchContext) {
    this.#context = context;
  }

  get settingNames(): readonly string[] {
    const names: string[] = [];
    for (let i = 0; i < this.#settings.length; i++) names.push((this.#settings[i] as Setting).name);
    return names;
  }

  /** Adds a switch with a state that can be read and written. */
  setting(name: string, read: () => unknown, write: (value: never) => unknown, usual?: unknown): void {
    let value: unknown;
    try {
      value = usual ?? read();
    } catch {
      return;
    }
    this.#settings[this.#settings.length++] = { name, read, write, value };
  }

  /** Adds functions with changes that cannot be undone. The isolate is not reused after a call. */
  last(owner: Exports, ...names: string[]): void {
    for (const name of names) {
      this.wrap(owner, name, (original, self, args) => {
        this.record(`${name}() was called`);
        return apply(original, self, args) as unknown;
      });
    }
  }

  /** Records a change that cannot be undone. Ignores changes by module scope. */
  record(text: string): void {
    if (!this.#context.isKept()) this.#record(text);
  }

  #record(text: string): void {
    if (this.#lasting === "") this.#lasting = text;
  }

  wrap(
    owner: Exports,
    name: string,
    run: (original: AnyFunction, self: unknown, args: readonly unknown[]) => unknown,
  ): void {
    const original = owner[name];
    if (typeof original !== "function") return;
    const wrapped = function (this: unknown, ...args: unknown[]): unknown {
      return run(original as AnyFunction, this, args);
    };
    const { name: ownName, length } = original;
    Object.defineProperties(wrapped, { name: { value: ownName }, length: { value: length } });
    // If the property is read-only, this does nothing. User code cannot change it either.
    Reflect.set(owner, name, wrapped);
  }

  /** Adds a pair of functions that undo each other. */
  pair(owner: Exports, on: string, off: string, appliesTo: (self: unknown) => boolean = () => true): void {
    const { [on]: turnOn, [off]: turnOff } = owner as Record<string, AnyFunction>;
    if (turnOn === undefined || turnOff === undefined) return;
    this.wrap(owner, on, (original, self, args) => {
      if (appliesTo(self)) this.undoLater(`${on}()`, () => void apply(turnOff, self, args));
      return apply(original, self, args) as unknown;
    });
    this.wrap(owner, off, (original, self, args) => {
      if (appliesTo(self)) this.undoLater(`${off}()`, () => void apply(turnOn, self, args));
      return apply(original, self, args) as unknown;
    });
  }

  /** Registers how to undo a change. Ignores changes by module scope. */
  undoLater(name: string, run: () => void): void {
    if (!this.#context.isKept()) this.#undos[this.#undos.length++] = { name, run };
  }

  /** Whether a wrapped switch has been used. Costs nothing, unlike reading the settings. */
  get isTouched(): boolean {
    return this.#lasting !== "" || this.#undos.length > 0;
  }

  /** Undoes the recorded changes. @returns a change that cannot be undone. Empty if there is none. */
  restore(): string {
    // The last change first, so that each one finds the state that it left.
    for (let i = this.#undos.length - 1; i >= 0; i--) {
      const undo = this.#undos[i] as Undo;
      try {
        undo.run();
      } catch {
        this.#record(`${undo.name} could not be undone`);
      }
    }
    this.#undos = emptyList();
    return this.#lasting;
  }

  /** A change that could not be undone. Empty if there is none. */
  get unrestored(): string {
    return this.#lasting;
  }

  /** Puts back settings that have changed. @returns whether there was one. */
  restoreSettings(): boolean {
    let hasChanged = false;
    for (let i = 0; i < this.#settings.length; i++) {
      const { name, read, write, value } = this.#settings[i] as Setting;
      if (isSame(read(), value)) continue;
      hasChanged = true;
      try {
        write(value as never);
      } catch {
        this.#record(`${name} was changed`);
      }
      if (!isSame(read(), value)) this.#record(`${name} was changed`);
    }
    return hasChanged;
  }

  /** Accepts the current values of settings, because module scope has set them. */
  keepSettings(isToKeep: (name: string) => boolean = () => true): void {
    for (let i = 0; i < this.#settings.length; i++) {
      const setting = this.#settings[i] as Setting;
      if (isToKeep(setting.name)) setting.value = setting.read();
    }
  }

  /** The names of settings that have changed. */
  changedSettings(): string[] {
    const names: string[] = [];
    for (let i = 0; i < this.#settings.length; i++) {
      const { name, read, value } = this.#settings[i] as Setting;
      if (!isSame(read(), value)) names.push(name);
    }
    return names;
  }
}

function emptyList<T>(): List<T> {
  return { __proto__: null, length: 0 } as unknown as List<T>;
}

/** Compares lists by their elements. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [left, right] = [a as List<unknown>, b as List<unknown>];
  if (left.length === undefined || left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}
