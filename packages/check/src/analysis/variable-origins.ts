/**
 * Which names of a file stand for variables of the service. Names count in the whole file: one that is declared twice may
 * mean something else.
 */
import type { Node, ObjectPattern } from "oxc-parser";

import { bare, keyOf, stringOf } from "./chain.ts";

const capitals = /^[A-Z][A-Z0-9_]*$/;
/** In brackets any name may stand. */
const variableName = /^[\w.-]+$/;
const maxNames = 200;

export class VariableOrigins {
  readonly #declared = new Map<string, number>();
  readonly #values = new Map<string, Node[]>();
  /** Variables that a pattern takes out of the context, by the name that they get. */
  readonly #taken = new Map<string, string[]>();
  readonly #behind = new Map<string, readonly string[]>();
  #handler: { readonly context: string | undefined; readonly event: string | undefined } | undefined;

  declare(name: string): void {
    this.#declared.set(name, (this.#declared.get(name) ?? 0) + 1);
  }

  /** Names of the first two parameters. The first handler counts. */
  setHandler(context: string | undefined, event: string | undefined): void {
    this.#handler ??= { context, event };
  }

  setValue(name: string, value: Node): void {
    this.#values.set(name, [...(this.#values.get(name) ?? []), value]);
  }

  /** `const { API_KEY, HOST: host } = context`. What has a default may be missing. */
  destructure(pattern: ObjectPattern, value: Node): void {
    const source = bare(value);
    if (!isEnvironment(source) && !(source.type === "Identifier" && source.name === "context")) return;
    for (const property of pattern.properties) {
      if (property.type !== "Property" || property.value.type !== "Identifier") continue;
      const variable = keyOf(property);
      const { name } = property.value;
      if (variable === undefined || !capitals.test(variable)) continue;
      this.#taken.set(name, [...(this.#taken.get(name) ?? []), variable]);
    }
  }

  isEvent(node: Node): boolean {
    return this.#isCalled(node, "event", this.#handler?.event);
  }

  /** `API_KEY` of `context.API_KEY`, `context["API_KEY"]` and `process.env.API_KEY`. */
  variableOf(expression: Node): string | undefined {
    const node = bare(expression);
    if (node.type !== "MemberExpression") return undefined;
    const object = bare(node.object);
    if (!isEnvironment(object) && !this.#isCalled(object, "context", this.#handler?.context)) return undefined;
    const name = node.computed ? stringOf(node.property) : "name" in node.property ? node.property.name : undefined;
    const isVariable = name !== undefined && (node.computed ? variableName : capitals).test(name);
    return isVariable ? name : undefined;
  }

  /** Variables that a name has its value from, or that the text was put together from. */
  behind(name: string): readonly string[] {
    const known = this.#behind.get(name);
    if (known !== undefined) return known;
    const found: string[] = [];
    const names = new Set([name]);
    // A set is walked with what is added meanwhile: names behind names.
    for (const each of names) {
      if (names.size > maxNames) break;
      for (const value of this.#values.get(each) ?? []) {
        const part = this.#partOf(value);
        const parts = part === undefined ? textParts(value) : [value];
        for (const inner of parts) {
          const variable = this.#partOf(inner);
          const node = bare(inner);
          if (variable !== undefined) found.push(variable);
          else if (node.type === "Identifier") names.add(node.name);
        }
      }
      found.push(...(this.#taken.get(each) ?? []));
    }
    this.#behind.set(name, found);
    return found;
  }

  /** A variable, or what is made of it by a chain: `context.HOST.trim()`. */
  #partOf(value: Node): string | undefined {
    const node = bare(value);
    const variable = this.variableOf(node);
    if (variable !== undefined) return variable;
    if (node.type === "MemberExpression") return node.optional ? undefined : this.#partOf(node.object);
    return node.type === "CallExpression" && bare(node.callee).type === "MemberExpression"
      ? this.#partOf(node.callee)
      : undefined;
  }

  #isCalled(node: Node, usual: string, own: string | undefined): boolean {
    if (node.type !== "Identifier") return false;
    return node.name === usual || (node.name === own && this.#declared.get(own) === 1);
  }
}

function isEnvironment(node: Node): boolean {
  return (
    node.type === "MemberExpression" &&
    node.object.type === "Identifier" &&
    node.object.name === "process" &&
    keyOf({ key: node.property, computed: node.computed }) === "env"
  );
}

/** What a text is put together from, by a template or by `+`. Empty where anything else has a part in it. */
function textParts(value: Node): readonly Node[] {
  const node = bare(value);
  if (node.type === "TemplateLiteral") return isPlain(node.expressions) ? node.expressions.flatMap(partsOrSelf) : [];
  if (node.type !== "BinaryExpression" || node.operator !== "+") return [];
  const parts = [node.left, node.right].flatMap(partsOrSelf);
  return isPlain(parts) ? parts : [];
}

function partsOrSelf(node: Node): readonly Node[] {
  const parts = textParts(node);
  return parts.length === 0 ? [node] : parts;
}

function isPlain(nodes: readonly Node[]): boolean {
  return nodes.every((node) => {
    return /^(?:Identifier|MemberExpression|Literal|TemplateLiteral|BinaryExpression)$/.test(bare(node).type);
  });
}
