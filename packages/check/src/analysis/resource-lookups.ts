/**
 * Finds where a file looks up functions and assets of its service by a literal key.
 */
import type { Node } from "oxc-parser";

import type { ResourceLookup } from "@offhook/runtime";

import { bare, keyOf, stringOf } from "./chain.ts";

type Method = ResourceLookup["method"];

export interface FoundLookup {
  readonly method: Method;
  readonly key: string;
  readonly start: number;
}

interface Declared {
  /** The number of declarations of the name. */
  count: number;
  readonly methods: Method[];
  readonly constants: string[];
}

export class ResourceLookups {
  readonly #names = new Map<string, Declared>();

  declare(name: string): void {
    this.#of(name).count++;
  }

  setValue(name: string, value: Node, isConstant: boolean): void {
    const method = methodOf(value);
    const text = isConstant ? stringOf(bare(value)) : undefined;
    if (method !== undefined) this.#of(name).methods.push(method);
    if (text !== undefined) this.#of(name).constants.push(text);
  }

  find(node: Extract<Node, { type: "MemberExpression" }>): FoundLookup | undefined {
    const method = methodOf(node.object) ?? this.#methodBehind(bare(node.object));
    if (method === undefined) return undefined;
    const { property } = node;
    const key = keyOf({ key: property, computed: node.computed }) ?? this.#constant(property);
    return key === undefined ? undefined : { method, key, start: node.object.start };
  }

  /** The name must have the same meaning in all its declarations. */
  #methodBehind(node: Node): Method | undefined {
    const declared = node.type === "Identifier" ? this.#names.get(node.name) : undefined;
    const [method] = declared?.methods ?? [];
    const isSure = declared?.methods.length === declared?.count && new Set(declared?.methods).size === 1;
    return isSure ? method : undefined;
  }

  #constant(node: Node): string | undefined {
    const declared = node.type === "Identifier" ? this.#names.get(node.name) : undefined;
    return declared?.count === 1 ? declared.constants[0] : undefined;
  }

  #of(name: string): Declared {
    const declaration = this.#names.get(name) ?? { count: 0, methods: [], constants: [] };
    this.#names.set(name, declaration);
    return declaration;
  }
}

/** The method of a call such as `Runtime.getAssets()`. */
function methodOf(value: Node): Method | undefined {
  const node = bare(value);
  if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return undefined;
  const { object, property } = node.callee;
  if (object.type !== "Identifier" || object.name !== "Runtime" || !("name" in property)) return undefined;
  return property.name === "getFunctions" || property.name === "getAssets" ? property.name : undefined;
}
