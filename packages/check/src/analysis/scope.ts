/**
 * Nested scopes: names, and what is known about each.
 */
import type { Step } from "./facts.ts";

export interface Binding {
  /** The origin of the value. Undefined if it is unknown. */
  readonly steps: readonly Step[] | undefined;
  /** A `let` or `var` of module scope. */
  readonly isModuleState?: boolean;
  /** The function or value in its declaration. */
  readonly value?: unknown;
}

/** Names of the platform, unless the file declares them. */
const globals = new Set([
  "Runtime",
  "Twilio",
  "Response",
  "process",
  "globalThis",
  "global",
  "console",
  "JSON",
  "__dirname",
  "__filename",
  "module",
  "exports",
  "arguments",
  "setTimeout",
  "setInterval",
  "setImmediate",
]);

export class Scopes {
  readonly #stack: Map<string, Binding>[] = [];

  get isModule(): boolean {
    return this.#stack.length === 1;
  }

  push(): void {
    this.#stack.push(new Map());
  }

  pop(): void {
    this.#stack.pop();
  }

  declare(name: string, binding: Binding): void {
    this.#stack.at(-1)?.set(name, binding);
  }

  find(name: string): Binding | undefined {
    return this.#stack.findLast((scope) => scope.has(name))?.get(name);
  }

  /** The steps of a name. `place` is where a global is used. */
  steps(name: string, place: { readonly line: number; readonly column: number }): readonly Step[] | undefined {
    const binding = this.find(name);
    if (binding !== undefined) return binding.steps;
    return globals.has(name) ? [{ name, ...place }] : undefined;
  }
}
