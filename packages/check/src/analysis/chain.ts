/**
 * Expressions as chains: `require("fs").promises.readFile(name)` has the steps `node:fs`, `promises` and `readFile`.
 * The last one has an argument.
 */
import { isBuiltin } from "node:module";

import type { Expression, Node } from "oxc-parser";

import type { Argument, Step } from "./facts.ts";
import type { Positions } from "./positions.ts";
import type { Scopes } from "./scope.ts";

/** Arguments are followed to this depth of nesting. */
const maxDepth = 4;
/** Longer chains are cut. People do not write such chains by hand. */
const maxSteps = 40;

/** The expression without parentheses, `await` and TypeScript assertions, which do not change its meaning. */
export function bare(node: Node): Node {
  switch (node.type) {
    case "ChainExpression":
    case "ParenthesizedExpression":
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "TSTypeAssertion":
    case "TSInstantiationExpression":
      return bare(node.expression);
    case "AwaitExpression":
      return bare(node.argument);
    default:
      return node;
  }
}

export function moduleName(specifier: string): string {
  return isBuiltin(specifier) && !specifier.startsWith("node:") ? `node:${specifier}` : specifier;
}

/** The specifier of `require("…")`, or a placeholder if it is known only at run time. */
export function requiredBy(node: Node, scopes: Scopes): string | undefined {
  if (node.type !== "CallExpression" || node.callee.type !== "Identifier" || node.callee.name !== "require") {
    return undefined;
  }
  if (scopes.find("require") !== undefined) return undefined;
  return stringOf(node.arguments[0]) ?? someFile;
}

/** The origin of the value of `require(Runtime.getFunctions().words.path)`. */
export const someFile = "require(…)";

export function stringOf(node: Node | null | undefined): string | undefined {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type !== "TemplateLiteral" || node.expressions.length > 0) return undefined;
  return node.quasis[0]?.value.cooked ?? undefined;
}

export class Chains {
  readonly #scopes: Scopes;
  readonly #positions: Positions;

  constructor(scopes: Scopes, positions: Positions) {
    this.#scopes = scopes;
    this.#positions = positions;
  }

  /** Undefined if the origin is unknown. */
  stepsOf(expression: Node, depth = 0): readonly Step[] | undefined {
    const node = bare(expression);
    switch (node.type) {
      case "Identifier":
        return this.#scopes.steps(node.name, this.#positions.at(node.start));
      case "ImportExpression":
        return this.#module(stringOf(node.source), node.start);
      case "AssignmentExpression":
        return this.stepsOf(node.right, depth);
      case "NewExpression":
        return this.#called(this.stepsOf(node.callee, depth), node.arguments, false, depth);
      case "CallExpression": {
        const specifier = requiredBy(node, this.#scopes);
        if (specifier !== undefined) return this.#module(specifier, node.start);
        return this.#called(this.stepsOf(node.callee, depth), node.arguments, node.optional, depth);
      }
      case "MemberExpression": {
        const steps = this.stepsOf(node.object, depth);
        if (steps === undefined || steps.length >= maxSteps) return undefined;
        const name = node.computed
          ? stringOf(node.property)
          : node.property.type === "Identifier"
            ? node.property.name
            : undefined;
        const step = { name, ...this.#positions.at(node.property.start) };
        return [...(node.optional ? withLast(steps, { isOptional: true }) : steps), step];
      }
      default:
        return undefined;
    }
  }

  #module(specifier: string | undefined, start: number): readonly Step[] | undefined {
    return specifier === undefined ? undefined : [{ name: moduleName(specifier), ...this.#positions.at(start) }];
  }

  #called(
    steps: readonly Step[] | undefined,
    nodes: readonly Node[],
    isOptional: boolean,
    depth: number,
  ): readonly Step[] | undefined {
    if (steps === undefined) return undefined;
    const args = nodes.map((each) => this.argumentOf(each, depth + 1));
    return withLast(steps, { args, ...(isOptional && { isOptional }) });
  }

  argumentOf(expression: Node, depth = 0): Argument {
    if (depth > maxDepth) return unknown;
    const node = bare(expression);
    switch (node.type) {
      case "Literal": {
        const { value } = node;
        const isPlain = value === null || ["string", "number", "boolean"].includes(typeof value);
        return isPlain && !("regex" in node) ? { kind: "literal", value: value as string } : unknown;
      }
      case "TemplateLiteral":
        return this.#template(node.quasis, node.expressions, depth);
      case "BinaryExpression":
        return { kind: "list", items: [node.left, node.right].map((each) => this.argumentOf(each, depth + 1)) };
      case "ArrayExpression":
        return {
          kind: "list",
          items: node.elements.map((each) => (each === null ? unknown : this.argumentOf(each, depth + 1))),
        };
      case "ObjectExpression": {
        const entries = node.properties.flatMap((property) => {
          const key = property.type === "Property" ? keyOf(property) : undefined;
          if (property.type !== "Property" || key === undefined) return [];
          return [{ key, value: this.argumentOf(property.value, depth + 1) }];
        });
        return { kind: "object", entries };
      }
      default: {
        const steps = this.stepsOf(node, depth);
        return steps === undefined ? unknown : { kind: "chain", steps };
      }
    }
  }

  #template(
    quasis: readonly { value: { cooked: string | null } }[],
    parts: readonly Expression[],
    depth: number,
  ): Argument {
    const items = quasis.flatMap(({ value }, index): Argument[] => {
      const part = parts[index];
      const text: Argument = { kind: "literal", value: value.cooked ?? "" };
      return part === undefined ? [text] : [text, this.argumentOf(part, depth + 1)];
    });
    return items.length === 1 && items[0] !== undefined ? items[0] : { kind: "list", items };
  }
}

const unknown: Argument = { kind: "unknown" };

/** The name of a property in an object or in a pattern. */
export function keyOf({ key, computed }: { readonly key: Node; readonly computed: boolean }): string | undefined {
  if (!computed && key.type === "Identifier") return key.name;
  return stringOf(key);
}

function withLast(steps: readonly Step[], more: Partial<Step>): readonly Step[] {
  const last = steps.at(-1);
  return last === undefined ? steps : [...steps.slice(0, -1), { ...last, ...more }];
}
